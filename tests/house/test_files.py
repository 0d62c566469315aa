import ast
import os
import re
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, files, modules, text, tree

LONGEST = 400
# Written by tools, or data.
GENERATED = {
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-local-model.txt",
    "requirements-workers.txt",
    "requirements-s3.txt",
}
# Not ours to cut: the licence, and the page of all tables, which cog writes (docs/reference/tables.md). A
# changelog only grows, and is looked for under its name.
LONG = {"LICENSE", "tables.md", "CHANGELOG.md"}
WRITTEN = {".py", ".js", ".jsx", ".css", ".html", ".sh", ".toml", ".ini", ".md", ""}


def _of(pattern: str) -> list[str]:
    """Every line of our files, this one aside, that a pattern matches."""
    wanted = re.compile(pattern)
    here = Path(__file__).relative_to(ROOT)
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in files()
        if path != here and path.name not in GENERATED and path.parts[:2] != ("tests", "data")
        for number, line in enumerate(text(path).splitlines(), 1)
        if wanted.search(line)
    ]


def test_no_file_is_long() -> None:
    """A file over 400 lines does more than one thing; generated files and data aside."""
    lengths = {
        str(path): text(path).count("\n")
        for path in files(*WRITTEN)
        if path.name not in GENERATED | LONG and path.parts[:2] != ("tests", "data")
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_nothing_is_left_to_do() -> None:
    """What is not done is in the issues, not in the code."""
    assert _of(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError") == []


def test_no_path_of_a_machine() -> None:
    """Nothing in the project names a folder of the machine that it was made on."""
    assert _of(r"(?<![\w.])/(root|home/\w+|Users/\w+|work)/") == []


def test_no_registry_is_named() -> None:
    """Where packages come from is the machine's to say: no index is written into any file."""
    named = _of(r"--(extra-)?index-url[ =]|pypi\.org|pythonhosted|registry\.npmjs|npm\.pkg")
    assert named == []
    for name in GENERATED:
        assert not re.search(r"https?://", text(Path(name))), name


def test_no_test_is_switched_off() -> None:
    """A test that does not run proves nothing."""
    assert _of(r"pytest\.mark\.(skip|xfail)|pytest\.skip\(|importorskip|mock\.patch") == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is(package: str) -> None:
    """The first line of a module tells a newcomer whether to read on."""
    silent = [
        str(path)
        for path in modules()
        if path.parts[0] == package and text(path).strip() and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_every_test_is_a_specification() -> None:
    """The docstring of each test says what holds, in a sentence."""
    silent = [
        f"{path}: {node.name}"
        for path in files(".py")
        if path.parts[0] == "tests" and path.name.startswith("test_")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("script", ["run", "test", "lint", "bench", "lock", "../.ci/run"])
def test_scripts_can_be_run(script: str) -> None:
    """The front door opens without `sh` in front of it."""
    path = ROOT / "scripts" / script
    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!/")
