"""What leaves the screen and comes back: every column of steps and runs, counts, turns and events."""

from typing import Any

import pytest

from data_layer.writing.writes import DeleteSteps, DeleteThread, PutStep, ShowBranch
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, BOB, message, new_id, reply
from tests.data_layer.stories import AT, LATER, Story


@pytest.fixture
def story(batches: Batches) -> Story:
    """As it begins."""
    return Story(batches)


def test_what_leaves_bears_who_when_why_and_its_branch(story: Story) -> None:
    """Nothing else of its rows changes; the thread counts what is left, and the search finds it."""
    steps = {name: story.step(name) for name in ("q1", "a1", "q2", "a2")}
    runs = {name: story.run(name) for name in ("a1", "a2")}
    outcome = story.batches.submit(story.behind("q1", "retried", story.ids["run a1"]))
    left = {"deleted_at": AT, "deleted_because": "retried", "branch": story.ids["run a1"]}
    assert story.step("q1") == steps["q1"]
    for name in ("a1", "q2", "a2"):
        assert story.step(name) == steps[name] | left | {"deleted_by": ADA}
    for name in ("a1", "a2"):
        assert story.run(name) == runs[name] | left
    assert outcome.gone == [story.ids[name] for name in ("a1", "q2", "a2")]
    thread = story.batches.one("threads")
    assert (thread["message_count"], thread["turn_count"], thread["preview"]) == (1, 1, "1")
    assert story.found() == ["1"]
    assert story.batches.touched == {story.thread_id}


def test_a_branch_of_a_message_bears_the_revision_that_is_left(story: Story) -> None:
    """The first wording's, then the second's; what left before keeps its name."""
    story.edit("q1", "Otherwise")
    story.answer("a3", "q1", 2)
    story.edit("q1", "A third")
    assert story.step("a1")["branch"] == f"{story.ids['q1']}/1"
    assert story.step("a3")["branch"] == f"{story.ids['q1']}/2"
    assert story.run("a3")["branch"] == f"{story.ids['q1']}/2"


def test_a_branch_bears_the_revision_that_stays_too(story: Story) -> None:
    """What is behind a message leaves, and nothing is said otherwise in its place."""
    story.batches.submit(story.behind("q1"))
    assert story.step("a1")["branch"] == f"{story.ids['q1']}/1"


def test_a_single_message_leaves_alone(story: Story) -> None:
    """With the runs that answered it, and those that are named; without a branch's name."""
    before = [story.step("a1"), story.step("q2"), story.run("a1")]
    own = (story.ids["q2"], new_id())
    story.batches.submit(DeleteSteps(own, AT, "removed", story.thread_id, ADA))
    left = {"deleted_at": AT, "deleted_because": "removed", "deleted_by": ADA}
    assert story.step("q2") == before[1] | left
    assert [story.step("a1"), story.run("a1")] == [before[0], before[2]]
    assert story.run("a2")["deleted_because"] == "removed"
    story.batches.submit(DeleteSteps((story.ids["a1"],), LATER, "removed", runs_of=(story.ids["q1"],)))
    assert story.run("a1")["deleted_at"] == LATER
    assert story.standing() == ["1", "re a2"]


def test_what_has_left_does_not_leave_again(story: Story) -> None:
    """Who took it away first, when and why stays."""
    story.batches.submit(DeleteSteps((story.ids["q2"],), AT, "removed", by=ADA))
    before = story.kept()
    outcome = story.batches.submit(DeleteSteps((story.ids["q2"],), LATER, "edited", by=ADA))
    assert outcome.gone == []
    assert story.kept() == before


@pytest.mark.parametrize("after", [False, True])
def test_one_batch_counts_turns_as_several_do(story: Story, after: bool) -> None:
    """What leaves takes its turns along, for the message that is said in the same transaction too."""
    batches = story.batches
    leaves = story.behind("q1") if after else story.behind("q2")
    again = message(batches, story.thread_id, "Again")
    welcome = message(batches, story.thread_id, "Really")
    batches.apply(batches.unit(leaves), batches.unit(again), batches.unit(welcome))
    turns = [batches.one("steps", step_id=put.row["step_id"])["turn"] for put in (again, welcome)]
    assert turns == ([2, 3] if after else [3, 4])


def test_a_first_message_that_leaves_is_followed_by_a_first(story: Story) -> None:
    """In one transaction with all that it answered."""
    batches = story.batches
    everything = DeleteSteps((), AT, "edited", story.thread_id, ADA, after_seq=0)
    again = message(batches, story.thread_id, "Again")
    answer = reply(batches, story.thread_id, "To that")
    batches.apply(batches.unit(everything), batches.unit(again, answer))
    assert [batches.one("steps", output=words)["turn"] for words in ("Again", "To that")] == [1, 1]


def test_a_walk_in_the_same_batch_counts_the_turns_that_come_back(story: Story) -> None:
    """The next message goes on from what stands then."""
    story.edit("q1", "Otherwise")
    batches = story.batches
    again = message(batches, story.thread_id, "Again")
    batches.apply(batches.unit(story.show(revision=1)), batches.unit(again))
    assert batches.one("steps", output="Again")["turn"] == 3


def test_a_wording_comes_back_with_all_that_followed_it(story: Story) -> None:
    """As it was, but for its version; what stood leaves as a branch; the event says from where to where."""
    was = {name: story.step(name) for name in ("q1", "a1", "q2", "a2")}
    runs = {name: story.run(name) for name in ("a1", "a2")}
    story.edit("q1", "Otherwise")
    story.answer("a3", "q1", 2)
    new = {"a3": story.step("a3"), "run": story.run("a3")}
    thread = story.batches.one("threads")
    assert story.batches.submit(story.show(revision=1), orders=[2_000]).refused is None
    one = story.ids["q1"]
    for name, row in was.items():
        assert story.step(name) == row | {"version": 2_000}
    assert {name: story.run(name) for name in runs} == runs
    left = {"deleted_at": LATER, "deleted_because": "switched", "branch": f"{one}/2"}
    assert story.step("a3") == new["a3"] | left | {"deleted_by": ADA}
    assert story.run("a3") == new["run"] | left
    counts = {"message_count": 4, "turn_count": 2, "preview": "re a2", "opening": "re a2"}
    assert story.batches.one("threads") == thread | counts
    (event,) = story.batches.rows("events")
    assert {name: value for name, value in event.items() if name != "event_id"} == {
        "thread_id": story.thread_id,
        "participant_id": ADA,
        "run_id": None,
        "connection_id": None,
        "seq": 2_000,
        "type": "branch_shown",
        "target": one,
        "payload": {"message_id": one, "from": f"{one}/2", "to": f"{one}/1"},
        "timestamp": LATER,
    }
    assert story.found() == ["1", "re a1", "2", "re a2"]


def test_visible_work_that_comes_back_is_still_not_found(story: Story) -> None:
    """The search is for what was said."""
    story.batches.submit(reply(story.batches, story.thread_id, "Looked it up", type="tool"))
    story.edit("q1", "Otherwise")
    story.batches.submit(story.show(revision=1))
    assert "Looked it up" in story.standing()
    assert story.found() == ["1", "re a1", "2", "re a2"]


def test_an_answer_comes_back_with_all_that_followed_it(story: Story) -> None:
    """The message stays as it is, and the other answer leaves under its run's name."""
    question = story.step("q1")
    runs = {name: story.run(name) for name in ("a1", "a2")}
    story.batches.submit(story.behind("q1", "retried", story.ids["run a1"]))
    story.answer("a3", "q1")
    assert story.standing() == ["1", "re a3"]
    story.batches.submit(story.show(run_id=story.ids["run a1"]))
    assert story.step("q1") == question
    assert {name: story.run(name) for name in runs} == runs
    assert story.standing() == ["1", "re a1", "2", "re a2"]
    assert (story.step("a3")["branch"], story.runs()) == (story.ids["run a3"], ["a1", "a2"])
    payload = story.batches.one("events")["payload"]
    assert (payload["from"], payload["to"]) == (story.ids["run a3"], story.ids["run a1"])
    story.batches.submit(story.show(run_id=story.ids["run a3"]))
    assert (story.standing(), story.runs()) == (["1", "re a3"], ["a3"])


def test_an_answer_of_which_none_stands_is_walked_to(story: Story) -> None:
    """The run left, and none has come in its place: nothing is where the walk begins."""
    story.batches.submit(story.behind("q1", "retried", story.ids["run a1"]))
    assert story.batches.submit(story.show(run_id=story.ids["run a1"])).refused is None
    assert story.standing() == ["1", "re a1", "2", "re a2"]
    assert story.batches.one("events")["payload"]["from"] is None


def test_of_two_answers_that_stand_the_later_leaves(story: Story) -> None:
    """By the order in which their runs began."""
    story.batches.submit(story.behind("q1", "retried", story.ids["run a1"]))
    story.answer("a3", "q1")
    story.answer("a4", "q1")
    story.batches.submit(story.show(run_id=story.ids["run a1"]))
    assert story.batches.one("events")["payload"]["from"] == story.ids["run a4"]


def test_what_left_from_further_down_stays_away(story: Story) -> None:
    """A walk at the first message brings back what followed it when it was left, not what had left before."""
    story.edit("q2", "Two")
    story.answer("a3", "q2", 2)
    story.edit("q1", "Otherwise")
    story.batches.submit(story.show(revision=1))
    assert story.standing() == ["1", "re a1", "Two", "re a3"]
    assert story.runs() == ["a1", "a3"]
    story.batches.submit(story.show("q2", revision=1))
    assert story.standing() == ["1", "re a1", "2", "re a2"]


def test_another_threads_branches_stay_as_they_are(story: Story) -> None:
    """A walk in one conversation moves nothing in another."""
    other = Story(story.batches)
    before = [other.step(name) for name in ("q1", "a1", "q2", "a2")] + [other.run("a1"), other.run("a2")]
    story.edit("q1", "Otherwise")
    story.batches.apply(
        story.batches.unit(message(story.batches, other.thread_id, "3", step_id=other.ids["q1"])),
        story.batches.unit(story.show(revision=1)),
    )
    after = [other.step(name) for name in ("q1", "a1", "q2", "a2")] + [other.run("a1"), other.run("a2")]
    assert after == before


def test_a_wording_of_the_same_transaction_is_walked_to(story: Story) -> None:
    """A replay puts the edit and the walk into one."""
    batches = story.batches
    row = {"step_id": story.ids["q1"], "thread_id": story.thread_id}
    batches.apply(
        batches.unit(story.behind("q1"), PutStep(row | {"output": "Otherwise"}, AT, by=ADA)),
        batches.unit(story.show(revision=1)),
        batches.unit(story.show(revision=2)),
    )
    assert story.standing() == ["Otherwise"]
    assert [event["payload"]["to"][-2:] for event in batches.rows("events")] == ["/1", "/2"]


def test_a_write_from_before_a_walk_is_late(story: Story) -> None:
    """It fills gaps, and takes nothing back that the walk has shown; one from after it counts."""
    story.edit("q1", "Otherwise")
    story.batches.submit(story.show(revision=1), orders=[2_000])
    for name in ("q1", "a2"):
        for order, output in ((1_999, "late"), (2_001, "later")):
            row = {"step_id": story.ids[name], "thread_id": story.thread_id, "output": output}
            before = story.step(name)["output"]
            story.batches.submit(PutStep(row, AT), orders=[order])
            assert story.step(name)["output"] == ("later" if order > 2_000 else before)


def test_a_walk_that_comes_late_leaves_versions(story: Story) -> None:
    """What was written for after it stays the newest."""
    story.edit("q1", "Otherwise")
    for name in ("q1", "a2"):
        row = {"step_id": story.ids[name], "thread_id": story.thread_id, "name": "New"}
        story.batches.submit(PutStep(row, AT), orders=[3_000])
    story.batches.submit(story.show(revision=1), orders=[2_000])
    assert (story.step("q1")["version"], story.step("a2")["version"]) == (3_000, 3_000)


def test_what_stands_already_is_no_walk(story: Story) -> None:
    """A second press, of either kind, changes not a letter."""
    before = story.kept()
    for write in (story.show(revision=1), story.show(run_id=story.ids["run a1"])):
        assert story.batches.submit(write).refused is None
    assert story.kept() == before


NOT_THERE: list[Any] = [
    lambda s: s.show(by=BOB, revision=1),
    lambda s: s.show(revision=7),
    lambda s: s.show(revision=0),
    lambda s: s.show(run_id=new_id()),
    lambda s: s.show(),
    lambda s: s.show("a1", revision=1),
    lambda s: s.show("q2", revision=2),
    # The run answered another message, or another wording of this one.
    lambda s: s.show(run_id=s.ids["run a2"]),
    lambda s: s.show(run_id=s.ids["run a1"]),
    lambda s: ShowBranch(new_id(), s.ids["q1"], AT, ADA, 1),
    lambda s: ShowBranch(s.thread_id, new_id(), AT, ADA, 1),
    lambda s: ShowBranch(s.batches.begin_thread(), s.ids["q1"], AT, ADA, 1),
]


@pytest.mark.parametrize("place", range(len(NOT_THERE)))
def test_what_is_not_there_is_not_walked_to(story: Story, place: int) -> None:
    """A refusal changes nothing."""
    story.edit("q1", "Otherwise")
    write = NOT_THERE[place](story)
    before = story.kept()
    assert story.batches.submit(write).refused is not None
    assert story.kept() == before


def test_a_message_that_does_not_stand_parts_no_branches(story: Story) -> None:
    """Nor does one of a conversation that was deleted."""
    story.edit("q1", "Otherwise")
    story.batches.submit(DeleteSteps((story.ids["q1"],), AT, "removed", by=ADA))
    assert story.batches.submit(story.show(revision=1)).refused is not None
    other = Story(story.batches)
    other.edit("q1", "Otherwise")
    other.batches.submit(DeleteThread(other.thread_id, AT, ADA))
    assert other.batches.submit(other.show(revision=1)).refused is not None


def test_an_answer_that_did_not_leave_from_here_stays_away(story: Story) -> None:
    """It left with another wording further up."""
    story.edit("q1", "Otherwise")
    story.batches.submit(story.show(revision=1))
    story.batches.submit(story.behind("q2", "retried", story.ids["run a2"]))
    story.answer("a3", "q2")
    story.batches.submit(DeleteSteps((), AT, "x", story.thread_id, runs_of=(story.ids["q2"],)))
    assert story.batches.submit(story.show("q2", run_id=story.ids["run a3"])).refused is not None


def test_an_answer_to_another_message_is_not_walked_to(story: Story) -> None:
    """Though it has left, and its message stands as it was first said, as this one does."""
    story.batches.submit(story.behind("q2", "retried", story.ids["run a2"]))
    before = story.kept()
    assert story.batches.submit(story.show("q1", run_id=story.ids["run a2"])).refused is not None
    assert story.kept() == before


@pytest.mark.parametrize("place", ["thread", "owner"])
def test_what_is_elsewhere_does_not_leave(story: Story, place: str) -> None:
    """A step of another thread than is named, or of another's."""
    named = new_id() if place == "thread" else story.thread_id
    by = ADA if place == "thread" else BOB
    before = story.kept()
    outcome = story.batches.submit(DeleteSteps((story.ids["q1"],), AT, "removed", named, by))
    assert outcome.refused is not None
    assert story.kept() == before


@pytest.mark.parametrize("name", ["input", "output"])
def test_an_edit_after_a_walk_counts_on_from_the_last(story: Story, name: str) -> None:
    """Not from the wording that is shown: that number is taken."""
    story.edit("q1", "Otherwise")
    story.batches.submit(story.show(revision=1))
    row = {"step_id": story.ids["q1"], "thread_id": story.thread_id, name: "Again"}
    story.batches.submit(PutStep(row, AT, by=ADA))
    assert story.step("q1")["revision"] == 3
    kept = story.batches.rows("step_revisions", step_id=story.ids["q1"])
    assert [(one["revision"], one[name]) for one in kept][-1] == (3, "Again")


def test_words_of_a_branch_that_was_left_are_a_revision_of_their_own(story: Story) -> None:
    """Said in the same transaction as the walk away from them: they are those that stood until then."""
    story.edit("q1", "Otherwise")
    batches = story.batches
    row = {"step_id": story.ids["q1"], "thread_id": story.thread_id, "output": "Otherwise"}
    put = PutStep(row, AT, by=ADA)
    batches.apply(batches.unit(story.show(revision=1)), batches.unit(put))
    assert story.step("q1")["revision"] == 3


def test_a_message_that_was_removed_begins_no_turn_any_more(story: Story) -> None:
    """Nor does one that left with a branch: the next goes on from those that stand."""
    story.batches.submit(DeleteSteps((story.ids["q2"],), AT, "removed", by=ADA))
    story.say("q3", "3")
    assert story.step("q3")["turn"] == 2


def test_more_than_a_statement_names_leave_at_once(batches: Batches) -> None:
    """A database takes so many names at a time; none is forgotten between."""
    thread_id = new_id()
    puts = [reply(batches, thread_id, f"{number}") for number in range(1_001)]
    batches.submit(*puts)
    ids = tuple(put.row["step_id"] for put in puts)
    outcome = batches.submit(DeleteSteps(ids, AT, "removed", thread_id))
    assert set(outcome.gone) == set(ids)
    assert batches.rows("steps", deleted_at=None) == []
