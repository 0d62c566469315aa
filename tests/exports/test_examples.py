"""Every block of Python that a page shows runs as it stands, and shows what the page says."""

import base64
import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import altair
import pandas as pd
import pytest

from exports.options import FORMATS, ExportOptions
from exports.registry import tables_for
from tests.examples import ROOT, Example, examples, fenced, pages
from tests.exports.conftest import export_to
from tests.exports.seed import Seed, id_of
from tests.exports.story import story
from tests.exports.test_readers_r import PAGE, README

CODING: Final = "docs/how-to/code-conversations.md"
PICTURE: Final = b"\x89PNG, as it were"
DIGEST: Final = hashlib.sha256(PICTURE).hexdigest()
# What a fence may say of its block; Python and R are run.
LANGUAGES: Final = {"python", "r", "js", "html", "ini", "sh", "yaml", "json", "text", "mermaid", ""}
Names = dict[str, Any]


def read_an_export(names: Names) -> None:
    """It loads, counts by agent, joins ratings, walks up branches, compares surveys, and chooses threads."""
    assert set(names["said"]["role"]) == {"user"}
    assert set(names["rated"]["role"]) == {"assistant"}
    assert names["rated"]["value"].tolist() == [0]
    assert names["lines"]
    assert all(line[-1] == reply for reply, line in names["lines"].items())
    counted = {(agent, role): count for agent, role, count in names["counted"]}
    assert counted[("Model", "user")] == 3
    assert Path("long.txt").read_text(encoding="utf-8").split() == [id_of("Ada's thread")]
    assert names["changes"].to_dict() == {"warm": 30.0, "cold": -5.0}


def code_conversations(names: Names) -> None:
    """Codes are counted by their newest name, offsets are the text's, and agreement is the formula's."""
    counted = names["counted"]
    assert dict(counted[id_of("Rita")]) == {"Doubt": 1, "Reliance": 3}
    assert dict(counted[id_of("Rosa")]) == {"Doubt": 2, "Reliance": 2}
    content = names["messages"].set_index("message_id")["content"]
    (row,) = names["words"].itertuples()
    assert content[row.target_id][row.start : row.end] == row.quote
    # Rita gave it to turns 1 and 3, Rosa to turn 1: they agree on two of three, by chance on 4/9.
    told = names["agreement"](id_of("trust"), id_of("Rita"), id_of("Rosa"))
    assert told == {"turns": 3, "agree": pytest.approx(2 / 3), "kappa": pytest.approx(0.4)}
    assert list(names["table"].columns) == ["agree", "kappa", "turns"]


def readme(names: Names) -> None:
    """Its tables are there, and its count leaves out no message."""
    assert len(names["tables"]) == len(tables_for(ExportOptions()))
    messages = names["messages"]
    counted = messages.groupby(["agent", "role"], dropna=False).size()
    assert counted.sum() == len(messages)
    assert counted[("Model", "user")] == 3
    assert not messages["agent"].isna().any()


def attachments(names: Names) -> None:
    """The prompt is what was sent, the picture in it."""
    sent = [one for one in names["sent"] if "png" in one]
    assert [base64.b64encode(PICTURE).decode() in one for one in sent] == [True]
    assert "sha256:" not in sent[0]


def every_night(names: Names) -> None:
    """The newest export is found by its link."""
    assert len(names["messages"]) > 0


def first_study(names: Names) -> None:
    """Words by agent and turn, and a plot; tests/browser/test_first_study.py walks the page."""
    assert set(names["by_turn"]["agent"]) == {"Model", "ELIZA"}
    assert isinstance(names["plot"], altair.Chart)
    assert Path("words.html").stat().st_size > 1000


def ask_in_a_form(names: Names) -> None:
    """A form is a table with a column an item, and its options are told with their codes."""
    wide = names["read"]["wide"]["order"]
    assert wide[["drink", "cups", "drink_other"]].to_numpy().tolist() == [["other", "2", "Mate"]]
    levels = names["read"]["levels"]["order", "drink"]
    assert levels.to_numpy().tolist() == [["tea", 1, "Tea"]]
    assert names["orders"]["order.cups"].tolist() == [2.0]
    assert list(names["orders"]["order.drink"].cat.categories) == ["tea", "other"]


def follow_intents(names: Names) -> None:
    """One row an intent, with its turns and how long it took."""
    assert names["intents"]["state"].tolist() == ["completed"]
    assert names["intents"]["duration_ms"].tolist() == [60_000]


def give_tools(names: Names) -> None:
    """What stands on the page are tools: typed, documented, called as functions."""
    assert names["get_price"]("latte") == 3.8
    assert inspect.iscoroutinefunction(names["order_drink"])


def write_a_task_agent(names: Names) -> None:
    """The tool is one; tests/agent/test_how_to.py has its dialogue call it."""
    assert inspect.iscoroutinefunction(names["reserve_table"])


SHOWN: Final[dict[str, Callable[[Names], None]]] = {
    README: readme,
    PAGE: read_an_export,
    CODING: code_conversations,
    "docs/how-to/ask-in-a-form.md": ask_in_a_form,
    "docs/how-to/attachments.md": attachments,
    "docs/how-to/export-every-night.md": every_night,
    "docs/how-to/follow-intents.md": follow_intents,
    "docs/how-to/give-an-agent-tools.md": give_tools,
    "docs/how-to/write-a-task-agent.md": write_a_task_agent,
    "docs/tutorials/your-first-study.md": first_study,
}
# Run against a server: by tests/api/research/test_how_to.py and tests/api/test_how_to_live.py.
SERVED: Final = "docs/how-to/pull-data-from-r-or-python.md"
LIVE: Final = "docs/how-to/follow-a-conversation-live.md"
# Run on an export in buckets, by tests/exports/test_engines.py.
CUT: Final = "docs/how-to/analyse-large-exports.md"


def told() -> Seed:
    """The story, and a picture that somebody attached and a model saw."""
    seed = story()
    seed.element("photo", "Ada's thread", "first question", 100, type="image", sha256=DIGEST, file="ab/photo")
    prompt = f"data:image/png;base64,sha256:{DIGEST}"
    options = [{"value": "tea", "label": "Tea", "code": 1}]
    items = [{"id": "drink", "kind": "choice", "label": "Which?", "options": options, "other": "Else"}]
    items += [{"id": "cups", "kind": "number", "label": "How many?"}]
    answers = {"drink": "other", "drink_other": "Mate", "cups": 2}
    seed.form("order", "Ada's thread", "first reply", "second question", 103, items, answers=answers)
    seed.form_answer("drink", "order", 1, value="other", other="Mate")
    seed.form_answer("cups", "order", 2, kind="number", value="2", number=2.0)
    seed.intent("order a drink", "Ada's thread", "first question", 100)
    seed.call("seeing call", "Ada's thread", "first run", "first reply", 101.6, prompt)
    return seed


@pytest.fixture(scope="module")
def place(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader of the pages stands: exports where the pages say, the data folder beside them."""
    folder = tmp_path_factory.mktemp("reader")
    database = folder / "data" / "verbatim.db"
    (database.parent / "files" / "ab").mkdir(parents=True)
    (database.parent / "files" / "ab" / "photo").write_bytes(PICTURE)
    database.write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite+aiosqlite:///{database}"
    told().write(url)
    export_to(url, folder / "out", formats=FORMATS)
    for link in ("export/everyday", "data/exports/nightly/latest"):
        (folder / link).parent.mkdir(parents=True)
        (folder / link).symlink_to(folder / "out")
    return folder


@pytest.mark.parametrize("page", SHOWN)
def test_the_page_shows_what_it_says(page: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its blocks run one after the other, as a reader would run them, and leave what they promise."""
    monkeypatch.chdir(place)
    names: Names = {}
    for one in examples(page, "python"):
        exec(compile(one.code, str(one), "exec"), names)
    SHOWN[page](names)


@pytest.mark.parametrize("code", [one.code for one in examples(README, "python")])
def test_the_readme_counts_messages_of_both_roles(
    code: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last line of each of its blocks shows every message, a participant's beside its agent."""
    monkeypatch.chdir(place)
    *before, last = code.strip().splitlines()
    names: Names = {}
    exec("\n".join(before), names)
    shown = eval(last, names)
    assert isinstance(shown, pd.Series)
    assert shown.to_dict() == {
        ("ELIZA", "assistant"): 1,
        ("ELIZA", "user"): 1,
        ("Model", "assistant"): 3,
        ("Model", "system"): 1,
        ("Model", "user"): 3,
    }


def test_what_was_taken_away_counts_in_no_agreement(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an export with deleted rows the lines give the figures of one without: .40, not 1."""
    url = f"sqlite+aiosqlite:///{place / 'data' / 'verbatim.db'}"
    export_to(url, tmp_path / "out", include_deleted=True)
    monkeypatch.chdir(tmp_path)
    names: Names = {}
    for one in examples(CODING, "python"):
        exec(compile(one.code, str(one), "exec"), names)
    code_conversations(names)


def test_no_page_is_left_out() -> None:
    """A page with Python is run above, one with R in test_readers_r.py."""
    assert {page for page in pages() if examples(page, "python")} == {*SHOWN, SERVED, LIVE, CUT}
    assert {page for page in pages() if examples(page, "r")} == {README, PAGE, SERVED}


def test_no_block_hides_what_it_is() -> None:
    """A fence says its language, as one of those that are known; what says none is no code."""
    blocks = [one for page in pages() for one in fenced(page)]
    assert {one.language for one in blocks} <= LANGUAGES
    assert [str(one) for one in blocks if one.language not in ("python", "r") and is_code(one)] == []


def test_the_room_shows_no_lines_of_its_own() -> None:
    """Made in research/exports/snippets.py, run by test_readers.py in each format, and nowhere else."""
    drawn = [*(ROOT / "research").rglob("*.html"), *(ROOT / "page").rglob("*.html")]
    assert drawn
    assert [one.name for one in drawn if is_code(Example(one.name, 0, "", one.read_text()))] == []


def is_code(one: Example) -> bool:
    """Whether a text has lines of Python or R that read tables."""
    words = (
        "import pandas",
        "import exports",
        "library(",
        "read_csv",
        "read.csv",
        "read_parquet",
        "polars",
        'load.R"',
        'load.py"',
    )
    return any(word in one.code for word in words)


def test_the_chosen_threads_of_the_page_choose(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list that its last block writes is one that the command takes."""
    monkeypatch.chdir(place)
    exec(examples(PAGE, "python")[-1].code, {})
    ids = tuple(Path("long.txt").read_text(encoding="utf-8").split())
    url = f"sqlite+aiosqlite:///{place / 'data' / 'verbatim.db'}"
    manifest = export_to(url, tmp_path / "long-ones", threads=ids)
    assert manifest.chosen is not None
    assert manifest.chosen.threads == len(ids) == 1
