"""The project's own files, as the tests of the house read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = (
    "study",
    "agent",
    "data_layer",
    "exports",
    "simulation",
    "stages",
    "page",
    "research",
    "api",
    "web",
    "commands",
    "demo",
    "imports",
    "meaning",
)
# Modules at the root that are no package: import-linter cannot see them.
ENTRY_POINTS: Final = ("app.py", "bootstrap.py", "cli.py")
# What a run or a tool leaves behind.
_NOT_OURS: Final = (".git", ".venv", "data", "build", "node_modules", "__pycache__", ".files")
_NOT_WRITTEN: Final = ("public/vendor/", "public/fonts/", "research/static/vendor/")


def files(*suffixes: str) -> list[Path]:
    """Our files with one of the suffixes, or all of them, relative to the root."""
    found = (path for path in _walk(ROOT) if not suffixes or path.suffix in suffixes)
    return sorted(path for path in found if not str(path).startswith(_NOT_WRITTEN))


def modules() -> list[Path]:
    """The Python of the product: packages, entry points and scripts, without the tests."""
    return [path for path in files(".py") if path.parts[0] != "tests"]


def text(path: Path) -> str:
    """What a file of ours says; "" where it is no text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def tree(path: Path) -> ast.Module:
    """A module of ours, parsed."""
    return ast.parse(text(path), str(path))


def imports(path: Path) -> set[str]:
    """The top-level names that a module imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        name = path.name
        # /out*/ is where README writes exports; .gitignore has it too.
        if path.parent == ROOT and name.startswith("out") and path.is_dir():
            continue
        if name.endswith("_cache") or (name in _NOT_OURS and path.parent != ROOT / "tests"):
            continue
        if path.is_dir() and name not in (".hypothesis", ".web_cache"):
            yield from _walk(path)
        elif path.is_file() and not name.startswith(".env"):
            yield path.relative_to(ROOT)
