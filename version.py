"""Which Verbatim this is: said in every thread, run, export and backup that it makes."""

import subprocess
import tomllib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parent


@cache
def app_version(root: Path = _ROOT) -> str:
    """Read the version.

    Args:
        root: The folder of the code.

    Returns:
        The number that pyproject.toml gives, and the git commit where there is one: `0.1.0+g0123456789ab`.
    """
    number, commit = _number(root), _commit(root)
    return f"{number}+g{commit}" if commit else number


def _number(root: Path) -> str:
    """Of the checkout before that of an installed package: what is installed may be older."""
    pyproject = root / "pyproject.toml"
    if not pyproject.exists():
        return version("verbatim")
    return str(tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"])


def _commit(root: Path) -> str:
    if not (root / ".git").exists():
        return ""  # a copy of the code within somebody else's repository is not at that repository's commit
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607  # git is wherever the operator has it
            cwd=root,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
