import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import text

PROJECT = tomllib.loads(text(Path("pyproject.toml")))
ASKED = {
    "requirements.txt": PROJECT["project"]["dependencies"],
    "requirements-dev.txt": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
    "requirements-workers.txt": PROJECT["project"]["optional-dependencies"]["workers"],
    "requirements-s3.txt": PROJECT["project"]["optional-dependencies"]["s3"],
    "requirements-local-model.txt": PROJECT["project"]["optional-dependencies"]["local-model"],
}


def pins(lock: str) -> dict[str, str]:
    """The versions that a lock names."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", text(Path(lock)), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_holds_what_is_asked_for(lock: str) -> None:
    """Each line of pyproject.toml is pinned at a version that it allows; else scripts/lock is due."""
    pinned = pins(lock)
    wrong = [
        line
        for line in map(Requirement, ASKED[lock])
        if not line.specifier.contains(pinned.get(canonicalize_name(line.name), "0"), prereleases=True)
        or canonicalize_name(line.name) not in pinned
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", ASKED)
def test_every_pin_has_its_hashes(lock: str) -> None:
    """A package that was changed at its source is not installed."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", text(Path(lock)))
    bare = [entry.splitlines()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry]
    assert bare == []


def test_tests_run_on_what_is_installed() -> None:
    """The packages of the tests are those of the product, version for version."""
    development = pins("requirements-dev.txt")
    product = pins("requirements.txt")
    assert {name: development.get(name) for name in product} == product
