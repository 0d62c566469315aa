"""The four languages of Chainlit's page: complete, alike, and chosen as everything else is."""

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from page.chainlit.translations import FILES, translation_routes
from study.definition import Study
from study.loader import LoadedStudy
from study.strings import LANGUAGES

FOLDER: Final = Path(__file__).resolve().parents[2] / ".chainlit" / "translations"
OTHERS: Final = ("de", "es", "zh-Hans")
# The same word in both languages, or no word at all.
SAME_AS_ENGLISH: Final = {"navigation.user.menu.settingsKey"}


@dataclasses.dataclass
class AnyStudy:
    """A study; the route reads nothing of it but its language."""

    definition: Study


def texts_of(language: str) -> dict[str, str]:
    """All texts of a language's file, by their whole key."""
    found: dict[str, str] = {}

    def gather(tree: Mapping[str, Any], before: str) -> None:
        for key, value in tree.items():
            if isinstance(value, dict):
                gather(value, f"{before}{key}.")
            else:
                found[before + key] = value

    gather(json.loads((FOLDER / FILES[language]).read_text(encoding="utf-8")), "")
    return found


def client_of(language: str | None) -> TestClient:
    """A browser before the route, of a study in this language."""
    told: dict[str, Any] = {"id": "x", "title": "T", "contact": "C", "welcome": "W", "language": language}
    told["agents"] = [{"name": "ELIZA", "kind": "eliza"}]
    study = cast(LoadedStudy, AnyStudy(Study.model_validate(told)))
    return TestClient(Starlette(routes=translation_routes(study, FOLDER)))


def new_conversation(client: TestClient, accepted: str, asked: str = "fr") -> str:
    """What the button says to a browser with this Accept-Language."""
    answer = client.get(f"/project/translations?language={asked}", headers={"Accept-Language": accepted})
    return str(answer.json()["translation"]["navigation"]["newChat"]["button"])


def test_each_language_has_its_file() -> None:
    """The languages of the page are those of our own texts."""
    assert tuple(FILES) == LANGUAGES


@pytest.mark.parametrize("language", OTHERS)
def test_the_files_have_the_same_keys(language: str) -> None:
    """A key that one of them lacks would stand on the page as a key."""
    assert list(texts_of(language)) == list(texts_of("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_the_placeholders_are_the_same(language: str) -> None:
    """A name in braces is filled in every language, or in none."""
    english = texts_of("en")
    for key, text in texts_of(language).items():
        assert sorted(re.findall(r"{{.*?}}", text)) == sorted(re.findall(r"{{.*?}}", english[key])), key


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    """Each text differs from the English one, or is empty in both."""
    english = texts_of("en")
    same = {key for key, text in texts_of(language).items() if text and text == english[key]}
    assert same <= SAME_AS_ENGLISH


def test_nothing_untrue_is_said() -> None:
    """Nobody is told that a conversation is cleared, or asked for an address or an account."""
    for language in LANGUAGES:
        said = " ".join(texts_of(language).values()).lower()
        for word in ("clear", "e-mail", "email", "account", "oauth", "chainlit", "example.com"):
            assert word not in said, (language, word)


def test_the_browser_chooses() -> None:
    """The order of Accept-Language decides; English where none of ours is wanted."""
    client = client_of(None)
    assert new_conversation(client, "de-AT,de;q=0.9,en;q=0.8") == "Neues Gespräch"
    assert new_conversation(client, "fr, es;q=0.5") == "Nueva conversación"
    assert new_conversation(client, "zh-TW") == "新对话"
    assert new_conversation(client, "fr") == "New conversation"


def test_the_study_chooses_first() -> None:
    """A study in Spanish speaks Spanish to a German browser."""
    assert new_conversation(client_of("es"), "de") == "Nueva conversación"


@pytest.mark.parametrize("asked", ["../../config", "de%00", "x" * 5000, "%2e%2e%2fen-US"])
def test_no_other_file_is_reached(asked: str) -> None:
    """The asked language is never a path."""
    assert new_conversation(client_of(None), "en", asked) == "New conversation"


def test_a_browser_that_has_it_asks_for_nothing() -> None:
    """The second visit is answered by 304, and by 200 after the language has changed."""
    client = client_of(None)
    first = client.get("/project/translations", headers={"Accept-Language": "de"})
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get("/project/translations", headers={"Accept-Language": "de", **known}).status_code == 304
    assert client.get("/project/translations", headers={"Accept-Language": "es", **known}).status_code == 200
