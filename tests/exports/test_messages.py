from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from exports import load
from tests.exports.conftest import export_to
from tests.exports.seed import id_of

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def standing(shared_story_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """What stands on the screen."""
    out = tmp_path_factory.mktemp("standing")
    export_to(shared_story_url, out)
    return load(out)


@pytest.fixture(scope="module")
def everything(shared_story_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """That, and what has left it."""
    out = tmp_path_factory.mktemp("everything")
    export_to(shared_story_url, out, include_deleted=True)
    return load(out)


def by_words(frame: pd.DataFrame) -> Rows:
    """The messages by what they say."""
    return {row["content"]: row for row in frame.to_dict("records")}


def parents(frame: pd.DataFrame) -> dict[str, str | None]:
    """What each message follows, in words."""
    words = dict(zip(frame["message_id"], frame["content"], strict=True))
    return {
        row["content"]: None if pd.isna(row["parent_id"]) else words[row["parent_id"]]
        for row in frame.to_dict("records")
        if row["thread_id"] == id_of("Ada's thread")
    }


def test_messages_are_what_stands_on_the_screen(standing: dict[str, pd.DataFrame]) -> None:
    """Neither edited-away messages nor deleted threads are there, nor are steps."""
    assert set(standing["messages"]["content"]) == {
        "greeting",
        "first question",
        "first reply",
        "second question",
        "new reply",
        "third question",
        "notice",
        "Bob's thread: said",
        "Bob's thread: reply",
    }
    assert standing["messages"]["is_current"].all()


def test_include_deleted_adds_what_has_left(everything: dict[str, pd.DataFrame]) -> None:
    """The rest is there with it, and can be told apart."""
    messages = everything["messages"]
    assert set(messages.loc[~messages["is_current"], "content"]) == {
        "old reply",
        "old follow-up",
        "Bob's deleted thread: said",
        "Bob's deleted thread: reply",
    }
    assert by_words(messages)["old reply"]["deleted_because"] == "edited"


def test_messages_stand_in_the_order_of_their_thread(everything: dict[str, pd.DataFrame]) -> None:
    """Threads are whole, and seq rises in each."""
    messages = everything["messages"]
    assert (messages["thread_id"] != messages["thread_id"].shift()).sum() == messages["thread_id"].nunique()
    assert messages.groupby("thread_id")["seq"].is_monotonic_increasing.all()


def test_each_message_knows_its_parent(standing: dict[str, pd.DataFrame]) -> None:
    """A reply follows what it answers, a participant's message the last reply, a notice what it is about."""
    assert parents(standing["messages"]) == {
        "greeting": None,
        "first question": "greeting",
        "first reply": "first question",
        "second question": "first reply",
        "new reply": "second question",
        "third question": "new reply",
        "notice": "third question",
    }


def test_an_edited_away_branch_keeps_its_own_parents(everything: dict[str, pd.DataFrame]) -> None:
    """What was said in it followed what stood on the screen then; the branch that stands is as without it."""
    found = parents(everything["messages"])
    assert found["old reply"] == "second question"
    assert found["old follow-up"] == "old reply"
    assert found["third question"] == "new reply"


def test_a_reply_carries_its_provenance(standing: dict[str, pd.DataFrame]) -> None:
    """The last of its calls, and its run's times."""
    reply = by_words(standing["messages"])["first reply"]
    assert reply["llm_call_id"] == id_of("second call")
    assert (reply["model"], reply["prompt_tokens"], reply["completion_tokens"]) == ("small-2026", 120, 34)
    assert (reply["ttft_ms"], reply["latency_ms"], reply["finish_reason"]) == (250.5, 2000.0, "length")
    assert reply["run_id"] == id_of("first run")
    assert reply["participant_id"] == id_of("Ada")


def test_a_participants_message_has_no_model(standing: dict[str, pd.DataFrame]) -> None:
    """What only replies have is missing."""
    said = by_words(standing["messages"])["first question"]
    assert [
        name for name in ("model", "llm_call_id", "latency_ms", "run_id") if not pd.isna(said[name])
    ] == []
    assert said["role"] == "user"


def test_steps_hang_on_their_reply(everything: dict[str, pd.DataFrame]) -> None:
    """Visible work names the reply under the same run, and took its time."""
    steps = everything["steps"].set_index("step_id")
    assert steps.loc[id_of("look up"), "message_id"] == id_of("first reply")
    assert steps.loc[id_of("look up"), "duration_ms"] == 250
    assert steps.loc[id_of("old tool"), "message_id"] == id_of("old reply")


def test_steps_that_have_left_are_not_there(standing: dict[str, pd.DataFrame]) -> None:
    """The tool under the edited-away reply is gone with it."""
    assert standing["steps"]["step_id"].tolist() == [id_of("look up")]


def test_every_revision_of_an_exported_message_is_there(standing: dict[str, pd.DataFrame]) -> None:
    """The edited question has two; the newest is the current one."""
    revisions = standing["revisions"]
    question = revisions[revisions["step_id"] == id_of("second question")]
    assert question["revision"].tolist() == [1, 2]
    assert question["is_current"].tolist() == [False, True]
    assert question["output"].tolist() == ["second question, revision 1", "second question"]
    assert id_of("old reply") not in set(revisions["step_id"])


def test_a_call_that_gave_no_words_names_no_message(standing: dict[str, pd.DataFrame]) -> None:
    """Its reply's id was given out, but there is no such reply."""
    calls = standing["llm_calls"].set_index("llm_call_id")
    assert pd.isna(calls.loc[id_of("failed call"), "message_id"])
    assert calls.loc[id_of("first call"), "message_id"] == id_of("first reply")


def test_what_hangs_on_what_left_has_left(standing: dict[str, pd.DataFrame]) -> None:
    """Runs, calls, prompts, ratings and elements go with their messages."""
    assert id_of("old run") not in set(standing["runs"]["run_id"])
    assert id_of("old call") not in set(standing["llm_calls"]["llm_call_id"])
    assert len(standing["prompts"]) == 2
    assert standing["ratings"]["value"].tolist() == [0]
    assert standing["elements"]["name"].tolist() == ["picture"]


def test_threads_count_their_turns(standing: dict[str, pd.DataFrame]) -> None:
    """Turns are the participant's messages that stand."""
    threads = standing["threads"].set_index("title")
    assert threads["turn"].to_dict() == {"Ada's thread": 3, "Bob's thread": 1}


def test_participants_without_threads_are_there(standing: dict[str, pd.DataFrame]) -> None:
    """Who came and said nothing took part too; deleted threads are not counted."""
    counts = standing["participants"].set_index("participant_id")["thread_count"].to_dict()
    assert counts == {id_of("Ada"): 1, id_of("Bob"): 1, id_of("Eve"): 0}


def test_events_know_their_time_in_the_thread(standing: dict[str, pd.DataFrame]) -> None:
    """t_ms counts from the beginning of the thread; outside of one it is missing."""
    events = standing["events"].set_index("event_id")
    assert events.loc[id_of("renamed"), "t_ms"] == 30_000
    assert pd.isna(events.loc[id_of("refused"), "t_ms"])


def test_identities_stay_unless_they_are_asked_for(shared_story_url: str, out: Path) -> None:
    """No file of an export says who participants are; with the option one does."""
    export_to(shared_story_url, out)
    assert not (out / "identities.parquet").exists()
    assert not any(b"user_name" in path.read_bytes() for path in out.rglob("*") if path.is_file())
    export_to(shared_story_url, out.with_name("with"), include_identities=True)
    assert set(load(out.with_name("with"))["identities"]["value"]) == {"Ada", "Bob", "Eve"}


def test_an_empty_study_exports_empty_tables(database_url: str, out: Path) -> None:
    """All tables are there, without a row, with the right types."""
    manifest = export_to(database_url, out, formats=("parquet", "csv", "jsonl"))
    assert {table.rows for table in manifest.tables} == {0}
    for name in ("parquet", "csv", "jsonl"):
        messages = load(out, format=name)["messages"]
        assert str(messages["seq"].dtype) == "Int64"
        assert str(messages["timestamp"].dtype) == "datetime64[ms, UTC]"
