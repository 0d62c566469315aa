"""What the app says: complete in each language, every text used, every used text there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from study.strings import LANGUAGES, language_of, read_all, strings_in

TREE: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = ("page", "web", "stages", "data_layer", "study", "agent")
OTHERS: Final = tuple(language for language in LANGUAGES if language != "en")
# Names of formats, which no language translates.
SAME_AS_ENGLISH: Final = {
    "attachments.pdf",
    "page.form_no",
    "page.attach_pdf",
    "page.save_md",
    "page.save_json",
}
PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")
# Plural forms are named after those of Intl.PluralRules (public/page/base/data.js, count).
PLURAL: Final = re.compile(r"\.(one|other)$")


def entries() -> Iterator[tuple[str, dict[str, str]]]:
    """Each text: "section.key", and its wording by language."""
    for section, texts in read_all().items():
        for key, wordings in texts.items():
            yield f"{section}.{key}", wordings


def sources(suffix: str) -> Iterator[str]:
    """The code that may say something to a participant."""
    roots = [TREE / "public"] if suffix == ".js" else [*(TREE / name for name in PYTHON), TREE / "app.py"]
    for root in roots:
        for path in [root] if root.is_file() else sorted(root.rglob(f"*{suffix}")):
            yield path.read_text(encoding="utf-8")


def mentioned() -> tuple[set[str], set[str]]:
    """All quoted words of the code, and the beginnings of those that it puts together."""
    code = "\n".join((*sources(".py"), *sources(".js"), *sources(".html")))
    words = set(re.findall(r"""["'`]([\w.-]+)["'`]""", code))
    beginnings = set(re.findall(r"""["`]((?:\w+\.)?\w+[_.])(?:\$?\{|")""", code))
    return words, beginnings


def test_each_text_has_the_four_languages() -> None:
    """No more, no fewer, and none of them empty."""
    for key, wordings in entries():
        assert tuple(wordings) == LANGUAGES, key
        assert all(str(wording).strip() for wording in wordings.values()), key


def test_the_placeholders_are_the_same() -> None:
    """What one language tells, each tells."""
    for key, wordings in entries():
        asked = {language: sorted(PLACEHOLDER.findall(str(text))) for language, text in wordings.items()}
        assert len({tuple(names) for names in asked.values()}) == 1, (key, asked)


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    """Each wording differs from the English one."""
    same = {key for key, wordings in entries() if wordings[language] == wordings["en"]}
    assert same <= SAME_AS_ENGLISH


def test_plurals_have_both_forms() -> None:
    """Whoever counts one thing counts two."""
    keys = {key for key, _ in entries()}
    for key in keys:
        if PLURAL.search(key):
            assert {PLURAL.sub(".one", key), PLURAL.sub(".other", key)} <= keys, key


def test_german_and_spanish_are_formal() -> None:
    """Participants are addressed as "Sie" and "usted", throughout."""
    for key, wordings in entries():
        assert not re.search(r"\b([Dd]u|[Dd]ein\w*|[Dd]ich|[Dd]ir)\b", wordings["de"]), key
        assert not re.search(r"\b([Tt]ú|[Tt]us?|[Tt]ienes|[Pp]uedes|[Cc]ontigo)\b", wordings["es"]), key


def test_every_used_text_is_there() -> None:
    """A key without a text would stand on the page as a key."""
    known = {key for key, _ in entries()}
    page = {key.removeprefix("page.") for key in known if key.startswith("page.")}
    for code in sources(".js"):
        called = set(re.findall(r"""(?<![\w.$])t\(\s*"([\w.-]+)\"""", code))
        assert called <= page, called - page
        for counted in re.findall(r"""(?<![\w.$])count\(\s*"([\w.-]+)\"""", code):
            assert f"{counted}.other" in page, counted
    asking = re.compile(r"""\b(?:strings|HttpProblem|EntryRefused)\((?:\d+,\s*)?"(\w+\.[\w.-]+)\"""")
    for code in sources(".py"):
        called = set(asking.findall(code))
        assert called <= known, called - known


def test_every_text_is_used() -> None:
    """What nobody says any more is not translated any more."""
    words, beginnings = mentioned()
    unused = set()
    for key, _ in entries():
        short = PLURAL.sub("", key.removeprefix("page."))
        name = short.rpartition(".")[2]
        if {key, short, name} & words or any(short.startswith(beginning) for beginning in beginnings):
            continue
        unused.add(key)
    assert unused == set()


def test_numbers_are_written_as_the_language_writes_them() -> None:
    """Thousands are set apart by a comma, or by a point."""
    assert "8,000" in strings_in("en")("chat.too_long", length=9000, limit=8000)
    assert "8.000" in strings_in("de")("chat.too_long", length=9000, limit=8000)


@pytest.mark.parametrize(
    ("accepted", "fixed", "expected"),
    [
        ("de-AT,de;q=0.9", None, "de"),
        ("fr, es;q=0.4, de;q=0.3", None, "es"),
        ("zh-TW", None, "zh-Hans"),
        ("", None, "en"),
        ("*", None, "en"),
        ("de;q=0, es;q=nonsense", None, "en"),
        ("de", "zh-Hans", "zh-Hans"),
        ("," * 10_000 + "de", None, "en"),
    ],
)
def test_the_study_chooses_or_the_browser(accepted: str, fixed: str | None, expected: str) -> None:
    """The study's language where it has one; else the first of the browser's that we speak."""
    assert language_of(accepted, fixed) == expected
