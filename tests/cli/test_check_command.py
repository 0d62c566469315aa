"""`cli.py check STUDY --ask`: as a researcher types it."""

from pathlib import Path

import pytest

from tests.cli.test_researcher_commands import types
from tests.fake_openai import Behaviour, FakeOpenAI

STUDY = """\
id: example
title: "Talk"
contact: "a@b.example"
welcome: "Welcome."
agents:
  - name: "Guide"
    kind: openai
    default: true
    model: small-model
    prompt: guide.md
    parameters: {temperature: 0.5, max_tokens: 40}
  - {name: "ELIZA", kind: eliza}
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_openai: FakeOpenAI) -> Path:
    """A study whose model is the fake server's, with a data folder that must stay unmade."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "guide.md").write_text("Be kind.\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VERBATIM_DATA_DIR", str(tmp_path / "data"))
    for name in ("OPENAI_API_KEY", "VERBATIM_MODEL", "VERBATIM_PRICES", "VERBATIM_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VERBATIM_MODEL_RETRIES", "0")
    monkeypatch.setenv("OPENAI_BASE_URL", fake_openai.url)
    return folder


def test_an_answer_is_told_with_what_it_cost(
    study: Path,
    fake_openai: FakeOpenAI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Model, finish reason, tokens and price; asked once, as a reply would be, and nothing is written."""
    (study.parent / "prices.yaml").write_text("models:\n  small-model: {input: 1, output: 2}\n")
    monkeypatch.setenv("VERBATIM_PRICES", str(study.parent / "prices.yaml"))
    fake_openai.next(model="small-model-2026", text="Yes, I am.")
    done = types("check", str(study), "--ask")
    assert done.exit_code == 0, done.output
    assert "Guide: small-model at 127.0.0.1" in done.output
    assert "answered “Yes, I am.”" in done.output
    assert "served by small-model-2026, finish reason stop" in done.output
    assert "15 tokens in, 3 out; 0.000021 USD" in done.output
    (request,) = fake_openai.requests
    assert (request.body["temperature"], request.body["max_tokens"], request.body["stream"]) == (
        0.5,
        40,
        True,
    )
    assert request.body["messages"][0] == {"role": "system", "content": "Be kind.\n"}
    assert not (study.parent / "data").exists()


def test_a_refusal_is_told_with_its_repair(study: Path, fake_openai: FakeOpenAI) -> None:
    """What the server said, what to change, and the exit code of a model that does not answer."""
    words = "Unsupported value: 'temperature' does not support 0.5 with this model."
    fake_openai.default = Behaviour(refuses={"temperature": words})
    done = types("check", str(study), "--ask")
    assert done.exit_code == 20
    assert words in done.output
    assert "To do: The model does not take `temperature`" in done.output
    assert "Not every model answers: Guide." in done.output


def test_what_is_sent_otherwise_is_told(study: Path, fake_openai: FakeOpenAI) -> None:
    """A model that wants the newer name of a limit answers, and the researcher learns it."""
    fake_openai.default = Behaviour(refuses={"max_tokens": "Unsupported parameter: 'max_tokens'."})
    done = types("check", str(study), "--ask")
    assert done.exit_code == 0
    assert "The model does not take max_tokens: sent as max_completion_tokens, in every reply." in done.output


@pytest.mark.parametrize("word", ["length", "MAX_TOKENS"])
def test_a_limit_that_cuts_answers_off_is_told(study: Path, fake_openai: FakeOpenAI, word: str) -> None:
    """Even a short answer did not fit, in whichever word the provider says so."""
    fake_openai.next(finish_reason=word)
    assert "cut the answer off" in types("check", str(study), "--ask").output


def test_an_unknown_model_is_told_with_those_that_there_are(study: Path, fake_openai: FakeOpenAI) -> None:
    """The server's own list is shown where it has one."""
    fake_openai.next(status=404, message="The model `small-model` does not exist.")
    assert "It has: fake" in types("check", str(study), "--ask").output


@pytest.mark.parametrize("refused", [True, False])
def test_a_server_cannot_command_the_terminal(study: Path, fake_openai: FakeOpenAI, refused: bool) -> None:
    """Neither by an answer nor by an error: what clears, renames, colours or hides is shown as no letter."""
    words = "a\x1b[2Jb\x1b]0;c\x07d\x9b31me\rf"
    fake_openai.reply_text = words
    if refused:
        fake_openai.next(status=400, message=words)
    told = types("check", str(study), "--ask").output
    assert "a\ufffd[2Jb\ufffd]0;c\ufffdd\ufffd31me" in told
    assert not set(told) & set("\x1b\x07\x9b\r")


def test_without_a_connection_the_setting_is_named(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 11: the settings are to be mended."""
    monkeypatch.delenv("OPENAI_BASE_URL")
    done = types("check", str(study), "--ask")
    assert done.exit_code == 11
    assert "Set OPENAI_API_KEY" in done.output


def test_a_study_without_models_has_nothing_to_ask(study: Path, fake_openai: FakeOpenAI) -> None:
    """ELIZA needs nobody's key."""
    text = STUDY[: STUDY.index("agents:")] + 'agents:\n  - {name: "ELIZA", kind: eliza}\n'
    (study / "study.yaml").write_text(text, encoding="utf-8")
    done = types("check", str(study), "--ask")
    assert (done.exit_code, fake_openai.requests) == (0, [])
    assert "No agent of this study asks a model." in done.output


def test_without_ask_nobody_is_asked(
    study: Path, fake_openai: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain check costs nothing, and does not mind settings that are wrong."""
    monkeypatch.setenv("VERBATIM_PORT", "none")
    assert types("check", str(study)).exit_code == 0
    assert fake_openai.requests == []


def test_a_header_whose_variable_is_not_set_is_told(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable's name; once it is set, all is well, and its value is not shown."""
    server = '{name: s, url: "http://127.0.0.1:9/mcp", use: [look], headers: {X-Key: SHOP_KEY}}'
    written = STUDY.replace("    prompt: guide.md\n", f"    tools: {{servers: [{server}]}}\n")
    (study / "study.yaml").write_text(written, encoding="utf-8")
    done = types("check", str(study))
    assert done.exit_code == 10
    assert "is sent X-Key from SHOP_KEY, which is not set" in " ".join(done.output.split())
    monkeypatch.setenv("SHOP_KEY", "a-key-that-is-long-enough")
    done = types("check", str(study))
    assert (done.exit_code, "a-key-that" in done.output) == (0, False)
