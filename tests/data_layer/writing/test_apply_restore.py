"""What a researcher brings back to a participant's screen, row by row, and what stays away."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from data_layer.writing.writes import DeleteSteps, PutStep, ReturnMessage, Write
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, message, new_id, reply
from tests.data_layer.stories import AT, LATER, Story

OLGA: Final = "55555555-5555-4555-8555-555555555555"


@pytest.fixture
def story(batches: Batches) -> Story:
    """As it begins."""
    return Story(batches)


@pytest.mark.parametrize("name", ["q1", "a1", "q2", "a2"])
def test_what_was_removed_comes_back_as_it_was(story: Story, name: str) -> None:
    """But for its version, with its run; the event names the researcher; nothing comes back twice."""
    before: dict[str, Any] = {
        **{one: story.step(one) for one in ("q1", "a1", "q2", "a2")},
        "runs": story.batches.rows("runs"),
    }
    thread, found = story.batches.one("threads"), story.batches.found()
    story.batches.submit(DeleteSteps((story.ids[name],), AT, "removed", by=ADA))
    write = ReturnMessage(story.thread_id, story.ids[name], LATER, OLGA)
    story.batches.submit(write, orders=[2_000])
    story.batches.submit(write)
    before[name]["version"] = 2_000
    after = {**{one: story.step(one) for one in ("q1", "a1", "q2", "a2")}, "runs": story.batches.rows("runs")}
    assert after == before
    assert (story.batches.one("threads"), story.batches.found()) == (thread, found)
    (event,) = story.batches.rows("events")
    assert {one: value for one, value in event.items() if one != "event_id"} == {
        "thread_id": story.thread_id,
        "participant_id": ADA,
        "run_id": None,
        "connection_id": None,
        "seq": 2_000,
        "type": "message_returned",
        "target": story.ids[name],
        "payload": {"researcher_id": OLGA},
        "timestamp": LATER,
    }


def test_only_the_runs_that_left_with_a_message_come_back(story: Story) -> None:
    """Not one that left before it, nor another message's."""
    story.batches.submit(DeleteSteps((), AT, "removed", story.thread_id, runs_of=(story.ids["q1"],)))
    story.answer("a3", "q1")
    for name in ("q1", "q2"):
        story.batches.submit(DeleteSteps((story.ids[name],), LATER, "removed", story.thread_id, ADA))
    story.batches.submit(ReturnMessage(story.thread_id, story.ids["q1"], LATER, OLGA))
    assert story.runs() == ["a3"]


def test_a_late_return_leaves_the_version(story: Story) -> None:
    """The row's newest write is another."""
    row = {"step_id": story.ids["q1"], "thread_id": story.thread_id, "name": "New"}
    story.batches.submit(PutStep(row, AT), orders=[3_000])
    story.batches.submit(DeleteSteps((story.ids["q1"],), AT, "removed", by=ADA))
    story.batches.submit(ReturnMessage(story.thread_id, story.ids["q1"], AT, OLGA), orders=[2_000])
    assert story.step("q1")["version"] == 3_000


@pytest.mark.parametrize("name", ["q1", "q2"])
def test_a_return_in_the_same_batch_counts_its_turn(story: Story, name: str) -> None:
    """The next message begins the turn behind the last that stands then, whichever came back."""
    batches = story.batches
    batches.submit(DeleteSteps((story.ids[name],), AT, "removed", by=ADA))
    back = ReturnMessage(story.thread_id, story.ids[name], LATER, OLGA)
    batches.apply(batches.unit(back), batches.unit(message(batches, story.thread_id, "Next")))
    assert batches.one("steps", output="Next")["turn"] == 3


def test_the_only_question_comes_back_with_its_turn(batches: Batches) -> None:
    """None stood, and the next of the same batch is the second."""
    thread_id = batches.begin_thread("One")
    step_id = batches.one("steps")["step_id"]
    batches.submit(DeleteSteps((step_id,), AT, "removed", by=ADA))
    back = ReturnMessage(thread_id, step_id, LATER, OLGA)
    batches.apply(batches.unit(back), batches.unit(message(batches, thread_id, "Next")))
    assert batches.one("steps", output="Next")["turn"] == 2


def test_an_answer_that_comes_back_begins_no_turn(story: Story) -> None:
    """Its question stays away: the next message begins the turn that it had begun."""
    batches = story.batches
    aside = reply(batches, story.thread_id, "By the way")
    batches.submit(aside)
    ids = (story.ids["q2"], aside.row["step_id"])
    batches.submit(DeleteSteps(ids, AT, "removed", by=ADA))
    back = ReturnMessage(story.thread_id, ids[1], LATER, OLGA)
    batches.apply(batches.unit(back), batches.unit(message(batches, story.thread_id, "Next")))
    assert "By the way" in story.standing()
    assert batches.one("steps", output="Next")["turn"] == 2


@pytest.mark.parametrize("where", ["nowhere", "elsewhere", "without a thread"])
def test_no_message_comes_back_from_where_it_is_not(story: Story, where: str) -> None:
    """It is refused."""
    thread_id = {"elsewhere": story.batches.begin_thread(), "without a thread": new_id()}.get(
        where, story.thread_id
    )
    step_id = new_id() if where == "nowhere" else story.ids["q1"]
    write = ReturnMessage(thread_id, step_id, AT, OLGA)
    assert story.batches.submit(write).refused is not None


PARTS: dict[str, Callable[[Story], Write]] = {
    "a message was said otherwise": lambda s: PutStep(
        {"step_id": s.ids["q1"], "thread_id": s.thread_id, "output": "Otherwise"}, AT, by=ADA
    ),
    "a run left as a branch": lambda s: DeleteSteps(
        (), AT, "retried", s.thread_id, ADA, None, (s.ids["q1"],), "a branch"
    ),
    "a reply left as a branch": lambda s: DeleteSteps(
        (s.ids["a1"],), AT, "retried", s.thread_id, ADA, branch="a branch"
    ),
}


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_in_a_conversation_with_branches_no_question_comes_back(
    story: Story, parts: str, elsewhere: bool
) -> None:
    """Whichever row says that it has some; another conversation's say nothing of this one."""
    story.batches.submit(DeleteSteps((story.ids["q2"],), AT, "removed", by=ADA))
    story.batches.submit(PARTS[parts](Story(story.batches) if elsewhere else story))
    refused = story.batches.submit(ReturnMessage(story.thread_id, story.ids["q2"], AT, OLGA)).refused
    assert (refused is None) is elsewhere


def test_an_answers_own_revision_is_no_branch(story: Story) -> None:
    """It was written anew in its place."""
    story.batches.submit(DeleteSteps((story.ids["q2"],), AT, "removed", by=ADA))
    row = {"step_id": story.ids["a1"], "thread_id": story.thread_id, "output": "Otherwise"}
    story.batches.submit(PutStep(row, AT))
    write = ReturnMessage(story.thread_id, story.ids["q2"], AT, OLGA)
    assert story.batches.submit(write).refused is None
