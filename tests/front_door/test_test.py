from pathlib import Path

import pytest

from tests.front_door.project import Project, make_project

# Plugins that these tests of one line do without: each of four processes a run would load them.
SETTINGS = """\
[pytest]
testpaths = tests
addopts = -p no:schemathesis -p no:hypothesispytest -p no:asyncio -p no:anyio
"""
NO_BROWSER = '#!/bin/sh\ncase "$*" in *playwright*) exit 1 ;; esac\nexec {python} "$@"\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh machine, with one test of each sort; each leaves its name behind."""
    project = make_project(tmp_path)
    for sort in ("study", "browser", "journeys"):
        folder = tmp_path / "tests" / sort
        folder.mkdir(parents=True)
        (folder / f"test_{sort}.py").write_text(
            "import os, pathlib\n"
            "def test_it():\n"
            f"    pathlib.Path('{sort}.ran').write_text(os.environ.get('CHROMIUM', ''))\n",
            encoding="utf-8",
        )
    (tmp_path / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    return project


def ran(project: Project) -> set[str]:
    """Which sorts of tests have run."""
    return {path.stem for path in project.folder.glob("*.ran")}


def test_all_is_the_default(project: Project) -> None:
    """scripts/test alone runs every test, on the Chromium that the machine has."""
    project.tool("chromium", "#!/bin/sh\n")
    ended = project.run("sh", "scripts/test", "-q")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ran(project) == {"study", "browser", "journeys"}
    assert (project.folder / "browser.ran").read_text() == str(project.path / "chromium")


@pytest.mark.parametrize(
    ("word", "sorts"), [("unit", {"study"}), ("browser", {"browser"}), ("journeys", {"journeys"})]
)
def test_a_word_chooses_the_tests(project: Project, word: str, sorts: set[str]) -> None:
    """Unit tests leave out whatever starts a server or a browser."""
    project.tool("chromium", "#!/bin/sh\n")
    assert project.run("sh", "scripts/test", word, "-q").returncode == 0
    assert ran(project) == sorts


def test_other_arguments_are_pytests(project: Project) -> None:
    """A path after the script's name runs that path alone."""
    project.tool("chromium", "#!/bin/sh\n")
    assert project.run("sh", "scripts/test", "tests/study", "-q").returncode == 0
    assert ran(project) == {"study"}


def test_a_chromium_that_is_named_is_taken(project: Project) -> None:
    """CHROMIUM wins over what is found on the PATH."""
    project.tool("chromium", "#!/bin/sh\n")
    project.tool("another", "#!/bin/sh\n")
    ended = project.run("sh", "scripts/test", "browser", "-q", CHROMIUM=str(project.path / "another"))
    assert ended.returncode == 0, ended.stdout
    assert (project.folder / "browser.ran").read_text() == str(project.path / "another")


def test_without_any_browser_it_says_what_to_do(project: Project) -> None:
    """Where neither the machine, Playwright nor apt-get has one, the sentence names two ways out."""
    project.run("sh", "scripts/test", "unit", "-q")
    python = project.folder / ".venv/bin/python"
    real = python.read_text().split()[2]
    python.write_text(NO_BROWSER.format(python=real), encoding="utf-8")
    ended = project.run("sh", "scripts/test", "browser", "-q")
    assert ended.returncode == 12
    assert "set CHROMIUM to its path" in ended.stderr.splitlines()[-1]
    assert "scripts/test unit does without" in ended.stderr.splitlines()[-1]


def test_benches_are_named_by_a_word(project: Project) -> None:
    """scripts/bench without a bench lists them; with one it hands its arguments on."""
    (project.folder / "bench").mkdir()
    (project.folder / "bench/data_layer.py").write_text("import sys\nprint(sys.argv[1:])\n", encoding="utf-8")
    assert project.run("sh", "scripts/bench").returncode == 2
    assert project.run("sh", "scripts/bench", "data-layer", "--json", "f").stdout == "['--json', 'f']\n"
