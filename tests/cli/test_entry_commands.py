"""`cli.py links`, `cli.py accounts` and what `check` says: as an operator types them."""

import csv
import io
import sqlite3
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from cli import cli
from data_layer.people.links import link_in

SECRET = "a secret of the tests, long enough for HS256"
STUDY = """\
id: example
title: "Talk"
contact: "a@b.example"
welcome: "Welcome."
agents:
  - {{name: "ELIZA", kind: eliza, default: true, description: "Asks back."}}
login:
  mode: {mode}
"""


class Operator:
    """Types commands, on a study and a data folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def study(self, mode: str) -> None:
        """Let the study's participants come in another way."""
        (self.folder / "study").mkdir(exist_ok=True)
        (self.folder / "study" / "study.yaml").write_text(STUDY.format(mode=mode), encoding="utf-8")

    def types(self, *words: str, given: str | None = None) -> Any:
        """Type a command."""
        return CliRunner().invoke(cli, list(words), input=given)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Look into the database."""
        connection = sqlite3.connect(self.folder / "data" / "verbatim.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """Whoever runs the study."""
    monkeypatch.setenv("VERBATIM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VERBATIM_STUDY", str(tmp_path / "study"))
    monkeypatch.setenv("VERBATIM_SECRET", SECRET)
    monkeypatch.delenv("VERBATIM_DATABASE_URL", raising=False)
    one = Operator(tmp_path)
    one.study("link")
    return one


def test_links_are_a_table_of_addresses(operator: Operator) -> None:
    """A hundred different ones, each signed for this study; a file is readable by its owner alone."""
    out = operator.folder / "links.csv"
    told = operator.types("links", "--count", "100", "--base-url", "https://talk.example/", "--out", str(out))
    assert (told.exit_code, told.output) == (0, "")
    links = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert [link["number"] for link in links] == [str(number) for number in range(1, 101)]
    assert len({link["link_id"] for link in links}) == 100
    for link in links:
        assert link["url"].startswith("https://talk.example/enter/")
        token = urlsplit(link["url"]).path.rpartition("/")[2]
        assert link_in(token, secret=SECRET, study_id="example") == link["link_id"]
        assert link_in(token, secret=SECRET, study_id="another") is None
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_links_that_were_sent_out_are_not_overwritten(operator: Operator) -> None:
    """A second run into the same file is refused, and the file is as it was."""
    out = operator.folder / "links.csv"
    operator.types("links", "--out", str(out))
    before = out.read_bytes()
    told = operator.types("links", "--out", str(out))
    assert told.exit_code == 17
    assert "Name another file" in told.output
    assert out.read_bytes() == before


def test_links_begin_with_the_public_address(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its path and all; what is named on the command line comes before it."""
    operator.study("link")
    monkeypatch.setenv("VERBATIM_ALLOWED_ORIGINS", "https://other.example")
    monkeypatch.setenv("VERBATIM_PUBLIC_URL", "https://lab.example.org/study")
    assert "https://lab.example.org/study/enter/" in operator.types("links").stdout
    named = operator.types("links", "--base-url", "https://talk.example")
    assert "https://talk.example/enter/" in named.stdout


@pytest.mark.parametrize("wrong", ["talk.example", "ftp://talk.example", "https://", "https://a/?x=1"])
def test_an_address_that_is_none_is_refused(operator: Operator, wrong: str) -> None:
    """Before a hundred links are sent to people."""
    told = operator.types("links", "--base-url", wrong)
    assert told.exit_code == 17
    assert "--base-url https://" in told.output


def test_links_for_a_study_that_knows_none_are_remarked(operator: Operator) -> None:
    """They are made, and the operator hears that they do not lead in yet."""
    operator.study("claim")
    told = operator.types("links")
    assert told.exit_code == 0
    assert "It is claim" in told.stderr
    assert "/enter/" in told.stdout


def test_an_account_is_made_listed_and_reset(operator: Operator) -> None:
    """The password is shown once, alone on standard output; a reset one is another."""
    added = operator.types("accounts", "add", "Ada Lovelace")
    assert added.exit_code == 0, added.output
    first = added.stdout.strip()
    assert len(first) == 19
    second = operator.types("accounts", "reset", "ada lovelace").stdout.strip()
    assert len(second) == 19
    assert second != first
    listed = operator.types("accounts", "list").stdout
    assert "Ada Lovelace" in listed
    assert first not in listed
    [(kept,)] = operator.rows("SELECT password_hash FROM passwords")
    assert kept.startswith("$argon2id$")


def test_a_password_may_be_given(operator: Operator) -> None:
    """On standard input, where no list of processes shows it; then it is not shown either."""
    told = operator.types("accounts", "add", "Ada", "--password-stdin", given="correct horse battery\n")
    assert told.exit_code == 0, told.output
    assert "horse" not in told.output
    short = operator.types("accounts", "add", "Bob", "--password-stdin", given="short\n")
    assert short.exit_code == 17
    assert operator.rows("SELECT value FROM identities") == [("Ada",)]


@pytest.mark.parametrize(
    ("words", "code", "repair"),
    [
        (("add", "Ada"), 17, "accounts reset Ada"),
        (("reset", "Bob"), 17, "accounts add Bob"),
        (("add", "x" * 81), 23, "80 or fewer"),
    ],
)
def test_what_is_wrong_is_a_sentence_with_its_repair(
    operator: Operator, words: tuple[str, ...], code: int, repair: str
) -> None:
    """No traceback; nothing is made."""
    operator.types("accounts", "add", "Ada")
    told = operator.types("accounts", *words)
    assert told.exit_code == code
    assert repair in told.output
    assert operator.rows("SELECT count(*) FROM participants") == [(1,)]


def test_check_warns_of_an_open_study(operator: Operator) -> None:
    """All is well with it, and the operator reads what it means."""
    operator.study("open")
    told = operator.types("check", str(operator.folder / "study"))
    assert told.exit_code == 0
    assert "whoever writes a participant's name reads" in told.output
    assert "All is well" in told.output
