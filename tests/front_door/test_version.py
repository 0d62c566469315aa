"""The version that stands in every thread, run and export comes from one place."""

import subprocess
import tomllib
from pathlib import Path

from tests.house.tree import ROOT
from version import app_version


def folder_of(root: Path, number: str) -> Path:
    """A folder of code that calls itself so."""
    root.mkdir(exist_ok=True)
    (root / "pyproject.toml").write_text(f'[project]\nname = "verbatim"\nversion = "{number}"\n')
    return root


def test_it_is_the_projects_own() -> None:
    """The number is pyproject.toml's, whatever is installed beside it."""
    number = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert app_version().partition("+")[0] == number


def test_a_release_needs_no_second_place(tmp_path: Path) -> None:
    """A number that is raised in pyproject.toml alone is the one that is recorded."""
    assert app_version(folder_of(tmp_path, "9.8.7")) == "9.8.7"


def test_a_checkout_says_its_commit(tmp_path: Path) -> None:
    """With git, the commit stands behind the number."""
    root = folder_of(tmp_path, "1.2.3")
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(root)]
    for asked in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *asked], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    assert app_version(root) == f"1.2.3+g{commit[:12]}"


def test_a_repository_around_it_is_not_its_own(tmp_path: Path) -> None:
    """Code that was copied into somebody's repository does not bear that repository's commit."""
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(tmp_path)]
    root = folder_of(tmp_path / "copied", "1.2.3")
    for asked in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *asked], check=True)
    assert app_version(root) == "1.2.3"
