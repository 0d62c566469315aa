"""Every file that people hand over, as the editors of their machines save it."""

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from agent.pricing import load_prices
from commands.shown import password_from
from exports.asking import _listed
from page.chainlit.translations import FILES, translation_routes
from secret_key import read_or_make
from settings import Settings, load_settings, variable_name
from study.dialogs import read_dialogs
from study.errors import StartError, StudyError
from study.file_text import text_of
from study.loader import load_study
from tests.house.tree import modules, text
from web import colours

STUDY: Final = """\
id: files
title: "Gespräche über 花"
contact: "Dr. Kim, kim@university.example"
welcome: |
  Grüße.
  Bis bald.
agents:
  - {name: Model, kind: openai, model: any, prompt: prompt.md, default: true}
  - {name: Script, kind: scripted, dialogs: dialogs.jsonl}
"""
DIALOG: Final = (
    '{"conversation_id": "a", "utterances": ['
    '{"speaker": "user", "text": "Größe 花?"}, {"speaker": "assistant", "text": "Klein."}]}\n'
)
SAVED: Final[dict[str, Callable[[str], bytes]]] = {
    "as UTF-8": str.encode,
    "with a mark": lambda words: words.encode("utf-8-sig"),
    "with lines of Windows": lambda words: words.replace("\n", "\r\n").encode(),
    "with both": lambda words: words.replace("\n", "\r\n").encode("utf-8-sig"),
    "as UTF-16": lambda words: b"\xff\xfe" + words.replace("\n", "\r\n").encode("utf-16-le"),
    "as UTF-16, big ends first": lambda words: b"\xfe\xff" + words.encode("utf-16-be"),
}
Save = Callable[[str], bytes]
Read = Callable[[Path, Save, pytest.MonkeyPatch], object]


def _study(folder: Path, save: Save) -> Path:
    (folder / "study.yaml").write_bytes(save(STUDY))
    (folder / "prompt.md").write_bytes(save("Sei höflich.\nUnd kurz.\n"))
    (folder / "dialogs.jsonl").write_bytes(save(DIALOG))
    return folder


def study_file(folder: Path, save: Save, _: pytest.MonkeyPatch) -> object:
    """study.yaml."""
    definition = load_study(_study(folder, save)).definition
    return definition.title, definition.welcome, definition.id


def prompt(folder: Path, save: Save, _: pytest.MonkeyPatch) -> object:
    """A text that the study names: it goes to the model."""
    return load_study(_study(folder, save)).texts["prompt.md"]


def dialogs(folder: Path, save: Save, _: pytest.MonkeyPatch) -> object:
    """Of `simulate` and of a scripted agent."""
    return read_dialogs(_study(folder, save) / "dialogs.jsonl")


def prices(folder: Path, save: Save, _: pytest.MonkeyPatch) -> object:
    """VERBATIM_PRICES."""
    table = "# Straße\ncurrency: EUR\nmodels:\n  big: {input: 2, output: 8}\n"
    (folder / "prices.yaml").write_bytes(save(table))
    return load_prices(folder / "prices.yaml")


def thread_list(folder: Path, save: Save, _: pytest.MonkeyPatch) -> object:
    """--threads-from FILE."""
    (folder / "ids.txt").write_bytes(save("one\ntwo\n"))
    return _listed(str(folder / "ids.txt"))


def secret(folder: Path, save: Save, _: pytest.MonkeyPatch) -> object:
    """The file `secret` of the data folder, made elsewhere."""
    (folder / "secret").write_bytes(save("9f2kd83hf7sk20dk3jf84hskw02jf93hfksl28dhf\n"))
    return read_or_make(folder / "secret")


def page_texts(folder: Path, save: Save, _: pytest.MonkeyPatch) -> object:
    """.chainlit/translations, for who words the page anew."""
    for name in FILES.values():
        (folder / name).write_bytes(save('{"chat": "Gespräch"}\n'))
    study = load_study(_study(folder, str.encode))
    [route] = translation_routes(study, folder)
    return bool(route)


KINDS: Final[list[Read]] = [
    *(study_file, prompt, dialogs, prices),
    *(thread_list, secret, page_texts),
]


@pytest.mark.parametrize("saved", SAVED)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_file_is_read_as_its_editor_saved_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Read, saved: str
) -> None:
    """A mark, two characters at a line's end, or UTF-16 change nothing of what it says."""
    (tmp_path / "plain").mkdir()
    (tmp_path / "saved").mkdir()
    said = kind(tmp_path / "saved", SAVED[saved], monkeypatch)
    assert said == kind(tmp_path / "plain", str.encode, monkeypatch)
    assert "\ufeff" not in repr(said)
    assert "\r" not in repr(said)


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a .env stands, and no variable of ours beside it."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_name(field), raising=False)
    return tmp_path / ".env"


@pytest.mark.parametrize("saved", [name for name in SAVED if "UTF-16" not in name])
def test_the_first_name_in_env_is_one_too(env: Path, saved: str) -> None:
    """Behind a mark it was another name, and passed over without a word."""
    env.write_bytes(SAVED[saved]("VERBATIM_PORT=8123\nVERBATIM_MODEL=größe\n"))
    settings = load_settings()
    assert (settings.port, settings.model) == (8123, "größe")
    env.write_bytes(SAVED[saved]("VERBATIM_PROT=8123\n"))
    with pytest.raises(StudyError, match="VERBATIM_PROT is not a setting"):
        load_settings()


def test_an_env_in_utf_16_is_refused_with_its_repair(env: Path) -> None:
    """Chainlit reads the same file, as UTF-8; nothing of what stands in it is shown."""
    env.write_bytes(SAVED["as UTF-16"]("OPENAI_API_KEY=sk-hidden\n"))
    with pytest.raises(StudyError, match=r"\.env cannot be read .* Save it as UTF-8 text") as refused:
        load_settings()
    assert "hidden" not in str(refused.value).replace("\x00", "")


def test_a_password_that_is_piped_is_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with a mark before it, nor with the end of its line."""
    for saved in ("as UTF-8", "with both"):
        given = io.TextIOWrapper(io.BytesIO(SAVED[saved]("Schlüssel 花\n")), "utf-8", newline="")
        monkeypatch.setattr(sys, "stdin", given)
        assert password_from(stdin=True) == "Schlüssel 花"
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO(SAVED["as UTF-16"]("Schlüssel\n")), "utf-8")
    )
    with pytest.raises(StudyError, match="is not UTF-8"):
        password_from(stdin=True)


def test_a_list_that_is_piped_is_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--threads-from -`: a mark is no part of the first id; what is no UTF-8 is refused with the repair."""
    for saved in ("as UTF-8", "with both"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SAVED[saved]("one\ntwo\n")), "utf-8"))
        assert _listed("-") == ("one", "two")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SAVED["as UTF-16"]("one\n")), "utf-8"))
    with pytest.raises(StudyError, match="it is not text"):
        _listed("-")


def test_a_theme_that_chainlit_cannot_read_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one sentence, instead of a failure at each visit."""
    theme = tmp_path / "theme.json"
    theme.write_bytes(json.dumps({"variables": {"light": {}, "dark": {}}}).encode("utf-8-sig"))
    monkeypatch.setattr(colours, "_THEME", theme)
    with pytest.raises(StartError, match="without a byte order mark"):
        colours.theme_colours()


@pytest.mark.parametrize("content", [b"\xff\xfeo", b"\xef\xbb\xbf\xff", b"caf\xe9"])
def test_what_is_no_text_is_told(content: bytes) -> None:
    """Half a character, or another encoding, is an error of its own and never other words."""
    with pytest.raises(UnicodeDecodeError):
        text_of(content)


def test_such_files_are_read_in_one_place() -> None:
    """No module decodes a person's file by itself."""
    by_itself = re.compile(r"""utf-8-sig|utf_8_sig|\.read_text\(\)""")
    asked = [str(path) for path in modules() if path.parts[0] not in ("bench", "docs", "tests")]
    assert [path for path in asked if by_itself.search(text(Path(path)))] == [
        "agent/parts.py",  # attachments: their kind was looked at when they came (stages/content_types.py)
        "imports/files.py",  # conversations from elsewhere, read as they come: they may not fit into memory
        "settings/fields.py",  # .env, which python-dotenv reads
    ]
