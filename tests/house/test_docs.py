import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.tables import INSTEAD_OF
from settings import Settings, variable_name
from study.vocabulary import BORROWED, WORDS
from tests.house.tree import ROOT, files, modules, text

PROMISES = 5
# Lines of README that a window shows.
FIRST_SCREEN = 40
GENERATED = [path for path in files(".md") if "[[[cog" in text(path)]


@pytest.mark.parametrize("page", GENERATED, ids=str)
def test_a_generated_page_is_fresh(page: Path) -> None:
    """What cog writes from the code today is what the page says."""
    checked = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "-I", str(ROOT), str(page)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, f"{checked.stdout}{checked.stderr}Run scripts/lint --fix."


def test_the_pages_that_can_rot_are_generated() -> None:
    """Settings and glossary are written from the code."""
    assert {Path("GLOSSARY.md"), Path("docs/reference/settings.md")} <= set(GENERATED)


def test_the_glossary_is_the_vocabulary() -> None:
    """GLOSSARY.md and study/vocabulary.py hold the same words with the same meanings."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \|", text(Path("GLOSSARY.md")), re.MULTILINE)
    assert dict(rows) == WORDS | BORROWED


def test_only_words_of_ours_replace_others() -> None:
    """The column "not" of the glossary speaks of words that are in it."""
    assert set(INSTEAD_OF) <= set(WORDS)


def test_every_setting_is_described() -> None:
    """A setting without a sentence is a riddle."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_setting_is_used() -> None:
    """A setting that nothing reads would promise what it does not do."""
    code = "".join(
        text(path) for path in modules() if path.parts[0] != "settings" and path.name != "tables.py"
    )
    readers = {"secret": "export_to_chainlit(settings)", "prices": "settings.prices_file"}
    unused = [name for name in Settings.model_fields if readers.get(name, f"settings.{name}") not in code]
    assert unused == []


def test_the_settings_page_names_every_setting() -> None:
    """Each setting has its section."""
    page = text(Path("docs/reference/settings.md"))
    assert [f for f in Settings.model_fields if f"\n## {variable_name(f)}\n" not in page] == []


def test_every_promise_names_a_test_that_exists() -> None:
    """README's promises are held by tests that a reader can open and run."""
    section = text(Path("README.md")).partition("\n## What it promises\n")[2].partition("\n## ")[0]
    promises = [line for line in section.splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(promises) == PROMISES
    for promise in promises:
        named = re.findall(r"\]\((tests/[\w/.]+)\)", promise)
        assert named, promise
        assert [path for path in named if not _holds_tests(ROOT / path)] == [], promise


def test_the_first_screen_says_how_it_is_run_and_tested() -> None:
    """First start, first chat, first export and the tests, before a reader scrolls."""
    screen = "\n".join(text(Path("README.md")).splitlines()[:FIRST_SCREEN])
    commands = screen.partition("## Two commands\n\n```sh\n")[2].partition("```")[0].splitlines()
    assert [line.split()[0] for line in commands] == ["scripts/run", "scripts/test"]
    assert all((ROOT / line.split()[0]).stat().st_mode & 0o111 for line in commands)
    for first in (
        "**First start:**",
        "**First chat:**",
        "**First export:**",
        "-m exports out",
        "`/research`",
    ):
        assert first in screen


@pytest.mark.parametrize("page", files(".md"), ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """A link into the project names a file that is there."""
    targets = re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)", text(page))
    assert [target for target in targets if not (ROOT / page.parent / target).exists()] == []


def test_every_decision_is_listed() -> None:
    """docs/README.md leads to each decision."""
    listed = text(Path("docs/README.md"))
    decisions = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    assert [name for name in decisions if f"(decisions/{name})" not in listed] == []


def test_decisions_are_numbered_without_gaps() -> None:
    """Each number is given once."""
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def _holds_tests(path: Path) -> bool:
    inside = path.rglob("test_*.py") if path.is_dir() else [path]
    return any("def test_" in file.read_text(encoding="utf-8") for file in inside if file.exists())
