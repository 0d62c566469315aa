"""Answers of real servers, from the socket to the page and the record (tests/provider_answers)."""

from collections.abc import AsyncIterator, Callable

import pytest

from agent.openai_compatible import OpenAIAgent
from data_layer.record import Record
from stages.chat.stage import ChatStage
from tests.data_layer.rows import new_id, rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents, english
from tests.openai_behaviour import PAUSE
from tests.provider_answers import CASES
from tests.provider_answers.case import Case
from tests.stages.talk import LIMIT, Talk, until


@pytest.fixture
async def talk_for(record: Record, fake_openai: FakeOpenAI) -> AsyncIterator[Callable[[Case], Talk]]:
    """Makes ADA's talk with a model that has a case's patience."""
    made: list[tuple[Talk, OpenAIAgent]] = []

    def make(case: Case) -> Talk:
        agent = OpenAIAgent(
            name="Assistant",
            model="small",
            api_key="k",
            base_url=fake_openai.url,
            timeout_s=case.timeout_s,
            turn_s=case.timeout_s * 50,
            max_retries=0,
        )
        talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT), record)
        made.append((talk, agent))
        return talk

    yield make
    for talk, agent in made:
        await talk.stage.close()
        await talk.leave()
        await agent.close()


def shown(case: Case) -> list[str]:
    """What stands on the page after the turn."""
    notice = "chat.empty_answer" if case.error_type == "empty_answer" else "chat.agent_failed"
    return [case.text] * bool(case.text) + [english(notice)] * bool(case.error_type)


def told(case: Case) -> list[tuple[str, str]]:
    """What the model is told in the next turn."""
    if not case.text:
        return [("user", "Hello\n\nAnd now?")]
    return [("user", "Hello"), ("assistant", case.text), ("user", "And now?")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_servers_send(
    case: Case, talk_for: Callable[[Case], Talk], fake_openai: FakeOpenAI
) -> None:
    """The page, the rows and the next turn's history; no write is lost to it."""
    talk = talk_for(case)
    fake_openai.next(**vars(case.behaviour))
    turn = talk.begin("Hello", message_id := new_id())
    if PAUSE in (case.behaviour.body or ()):
        await until(lambda: talk.screen.texts == [case.text])
        fake_openai.go_on.set()
    await turn
    assert talk.screen.texts == shown(case)
    assert [message for _, message in talk.screen.retries] == [message_id] * bool(case.error_type)

    calls = await rows(talk.record, "llm_calls")
    assert len(calls) == case.calls
    call, (run,) = calls[-1], await rows(talk.record, "runs")
    status = "failed" if case.error_type else "complete"
    expected = {
        "status": status,
        "error_type": case.error_type,
        "finish_reason": case.finish_reason,
        "details": case.details,
        **case.row,
    }
    assert {name: call[name] for name in expected} == expected
    assert (run["status"], run["error_type"]) == (status, case.error_type)
    assert case.says in (call["error_message"] or "")
    kept = [step for step in await talk.steps() if step["type"] in ("thinking", "assistant_message")]
    assert "".join(step["output"] for step in kept if step["type"] == "thinking") == case.thinking
    assert [step["output"] for step in kept if step["type"] != "thinking"] == [case.text] * bool(case.text)
    assert talk.record.writer.health.failed == 0

    await talk.say("And now?")
    messages = fake_openai.requests[-1].body["messages"]
    assert [(message["role"], message["content"]) for message in messages] == told(case)
