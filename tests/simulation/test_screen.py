"""The screen shows what Chainlit's page would show."""

from typing import Any

from simulation.screen import ShownMessage, SimulatedScreen


def step(step_id: str, kind: str = "assistant_message", **more: Any) -> dict[str, Any]:
    """Make a step as the server sends it."""
    return {"id": step_id, "type": kind, "name": "Echo", "output": "", **more}


def test_a_streamed_reply_is_the_sum_of_its_tokens() -> None:
    """What stream_start brought is kept, and each token is added to it."""
    screen = SimulatedScreen()
    screen.apply("stream_start", step("r", output="In "))
    screen.apply("stream_token", {"id": "r", "token": "what "})
    screen.apply("stream_token", {"id": "r", "token": "way", "isSequence": False})
    assert screen.seen() == (ShownMessage("r", "assistant_message", "Echo", "", "In what way"),)


def test_a_sequence_token_replaces_what_stood_there() -> None:
    """`isSequence` means: this is the whole text so far."""
    screen = SimulatedScreen()
    screen.apply("stream_start", step("r", output="old"))
    screen.apply("stream_token", {"id": "r", "token": "new", "isSequence": True})
    assert screen.seen()[0].output == "new"


def test_an_input_token_goes_to_the_input() -> None:
    """Tools may stream what goes into them."""
    screen = SimulatedScreen()
    screen.apply("stream_start", step("t", "tool", input="{"))
    screen.apply("stream_token", {"id": "t", "token": "}", "isInput": True})
    assert (screen.seen()[0].input, screen.seen()[0].output) == ("{}", "")


def test_a_step_whose_parent_is_not_on_the_screen_is_never_shown() -> None:
    """The page drops it, and an update does not bring it back."""
    screen = SimulatedScreen()
    screen.apply("new_message", step("r", parentId="gone"))
    screen.apply("update_message", step("r", parentId="gone", output="words"))
    assert (screen.seen(), screen.dropped) == ((), ["r"])


def test_a_message_sent_twice_under_one_id_is_shown_once_and_in_its_place() -> None:
    """The second one is merged with the first."""
    screen = SimulatedScreen()
    screen.apply("new_message", step("a", output="one"))
    screen.apply("new_message", step("b", output="two"))
    screen.apply("new_message", step("a", output="one, mended"))
    assert [s.output for s in screen.seen()] == ["one, mended", "two"]


def test_a_deleted_step_takes_what_hangs_under_it() -> None:
    """Children leave the screen with their parent."""
    screen = SimulatedScreen()
    screen.apply("new_message", step("run", "run"))
    screen.apply("new_message", step("r", parentId="run"))
    screen.apply("new_message", step("b"))
    screen.apply("delete_message", step("run", "run"))
    assert [s.id for s in screen.seen()] == ["b"]


def test_a_run_is_not_something_seen() -> None:
    """Chainlit's page does not draw it."""
    screen = SimulatedScreen()
    screen.apply("new_message", step("run", "run"))
    screen.apply("new_message", step("r", parentId="run"))
    assert [s.id for s in screen.seen()] == ["r"]


def test_a_resumed_thread_replaces_the_screen_and_tells_doubles() -> None:
    """What stood there before is gone; an id that came twice is named."""
    screen = SimulatedScreen()
    screen.apply("new_message", step("old"))
    screen.apply("resume_thread", {"id": "t", "steps": [step("a"), step("b"), step("a")]})
    assert ([s.id for s in screen.seen()], screen.doubled, screen.thread_id) == (["a", "b"], ["a"], "t")


def test_a_button_counts_only_while_its_step_is_shown() -> None:
    """The page draws a button under its step, or nowhere."""
    screen = SimulatedScreen()
    screen.apply("new_message", step("r"))
    screen.apply("action", {"id": "1", "name": "retry", "forId": "r"})
    screen.apply("action", {"id": "2", "name": "retry", "forId": "elsewhere"})
    assert [a["id"] for a in screen.actions_named("retry")] == ["1"]
    screen.apply("remove_action", {"id": "1"})
    assert screen.actions_named("retry") == []


def test_a_lone_task_end_at_the_start_of_a_connection_does_not_count() -> None:
    """Chainlit ends a task that it never began whenever somebody connects."""
    screen = SimulatedScreen()
    screen.apply("task_end", {})
    screen.apply("task_start", {})
    assert (screen.depth, screen.starts) == (1, 1)


def test_unknown_events_are_ignored() -> None:
    """As the page does."""
    screen = SimulatedScreen()
    screen.apply("set_favorites", [])
    assert screen.seen() == ()
