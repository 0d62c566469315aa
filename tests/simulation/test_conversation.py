"""A participant speaks, waits, is cut off, and comes back."""

from uuid import uuid4

import pytest
from starlette.responses import HTMLResponse, RedirectResponse

from simulation.browser import Door
from simulation.participant import Manner, ParticipantScript
from simulation.report import Report
from simulation.run import take_part
from tests.simulation.fake_chat import FakeChat

HELLO = (str(uuid4()), "hello", True)
GOODBYE = (str(uuid4()), "goodbye", True)


async def speak(chat: FakeChat, *lines: tuple[str, str, bool], patience_s: float = 10.0) -> Report:
    """Let one participant speak in one thread."""
    hands = {"simulated-0001": [ParticipantScript(str(uuid4()), lines)]}
    return await take_part(Door(chat.url), hands, Manner(patience_s=patience_s))


def words(report: Report) -> list[str]:
    """Return what stood on the only screen."""
    (seen,) = report.seen.values()
    return [shown.output for shown in seen]


async def test_every_line_is_answered_before_the_next_one_is_said(chat: FakeChat) -> None:
    """The screen ends with lines and replies in turn."""
    report = await speak(chat, HELLO, GOODBYE)
    report.raise_for_errors()
    assert words(report) == ["hello", "re: hello", "goodbye", "re: goodbye"]


async def test_times_are_taken_for_every_turn_log_in_and_read(chat: FakeChat) -> None:
    """A first token comes before the reply's end; the page makes six reads."""
    report = await speak(chat, HELLO)
    (turn,) = report.turns
    assert turn.first_token_s is not None
    assert 0 < turn.first_token_s <= turn.reply_s
    assert (len(report.logins_s), len(report.reads_s), len(report.opens_s)) == (1, 6, 1)


async def test_a_message_that_the_server_never_kept_is_sent_again_under_its_id(chat: FakeChat) -> None:
    """After a reconnect the thread does not hold it, so it is said again."""
    chat.plan.append("lose")
    report = await speak(chat, HELLO)
    report.raise_for_errors()
    assert [message["id"] for message in chat.received] == [HELLO[0], HELLO[0]]
    assert (report.reconnects, report.sent_again, words(report)) == (1, 1, ["hello", "re: hello"])


async def test_a_kept_message_without_a_reply_is_asked_for_by_retry_and_not_sent_again(
    chat: FakeChat,
) -> None:
    """The Retry button that the server offers on resume is pressed once."""
    chat.plan.append("keep")
    report = await speak(chat, HELLO)
    report.raise_for_errors()
    assert (len(chat.received), len(chat.pressed)) == (1, 1)
    assert (report.asked_again, words(report)) == (1, ["hello", "re: hello"])


async def test_a_reply_that_failed_is_asked_for_again(chat: FakeChat) -> None:
    """Retry is pressed although the connection held."""
    chat.plan.append("fail")
    report = await speak(chat, HELLO)
    report.raise_for_errors()
    assert (len(chat.pressed), report.reconnects, words(report)) == (1, 0, ["hello", "re: hello"])


async def test_a_turn_that_was_cut_off_is_not_among_the_measured_times(chat: FakeChat) -> None:
    """Its times tell of the outage, not of the server's speed."""
    chat.plan.append("lose")
    report = await speak(chat, HELLO, GOODBYE)
    assert [turn.clean for turn in report.turns] == [False, True]


async def test_a_message_that_is_gone_although_its_reply_had_begun_is_a_fault(chat: FakeChat) -> None:
    """The promise is broken, and the report says so."""
    chat.plan.append("break")
    report = await speak(chat, HELLO)
    assert len(report.faults) == 1
    assert "was gone though its reply had begun" in report.faults[0]


async def test_a_message_that_comes_back_with_other_words_is_a_fault(chat: FakeChat) -> None:
    """What a resumed thread shows is held against what had been shown."""
    chat.plan.extend(["answer", "keep"])
    chat.alter_on_resume[HELLO[0]] = "hullo"
    report = await speak(chat, HELLO, GOODBYE)
    assert ["came back as" in fault for fault in report.faults] == [True]


async def test_a_turn_of_tool_steps_alone_is_over_where_no_words_are_expected(chat: FakeChat) -> None:
    """A dialog may end with the participant."""
    chat.plan.append("work")
    report = await speak(chat, (HELLO[0], "hello", False))
    report.raise_for_errors()
    assert words(report) == ["hello", "out"]


async def test_a_server_that_stays_silent_is_given_up_with_what_was_waited_for(chat: FakeChat) -> None:
    """The patience is bounded, and the error names message and thread."""
    chat.plan.append("silence")
    report = await speak(chat, HELLO, patience_s=0.3)
    (error,) = report.errors
    assert "waited 0.3 s for the reply's end" in error
    assert HELLO[0] in error


async def test_a_reply_that_should_have_words_and_has_none_is_not_taken_for_an_answer(chat: FakeChat) -> None:
    """Neither words nor a Retry button: the participant gives up."""
    chat.plan.append("work")
    report = await speak(chat, HELLO, patience_s=0.3)
    assert ["a whole reply or a Retry button" in error for error in report.errors] == [True]


async def test_a_log_in_that_sets_no_cookie_is_an_error_that_says_so(chat: FakeChat) -> None:
    """A redirect alone lets nobody in."""
    chat.log_in_answers.append(RedirectResponse("/", status_code=303))
    report = await speak(chat, HELLO)
    assert report.errors == ["simulated-0001: POST /login answered 303 and set no cookie"]


async def test_a_page_in_place_of_json_is_an_error_that_names_the_path(chat: FakeChat) -> None:
    """Chainlit answers unknown paths with its page and 200; that is no answer."""
    answer = HTMLResponse("")
    answer.set_cookie("another", "cookie")
    chat.log_in_answers.append(answer)
    report = await speak(chat, HELLO)
    (error,) = report.errors
    assert "GET /user answered 200 text/html" in error


@pytest.mark.parametrize("thread_id", ["", "3f0c2a57-5d0e-4f6b-9f4e-2f2a5a6b7c8d"])
async def test_a_thread_may_be_named_by_either_side(chat: FakeChat, thread_id: str) -> None:
    """With an id of one's own, or with the server's."""
    report = await take_part(
        Door(chat.url), {"p": [ParticipantScript(thread_id, [HELLO])]}, Manner(patience_s=5)
    )
    report.raise_for_errors()
    assert words(report) == ["hello", "re: hello"]
