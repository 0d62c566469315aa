"""Any sequence of messages, edits, answers anew and walks, beside a plain tree."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_layer.record import Record
from stages.chat.stage import ChatStage
from tests.data_layer.rows import rows
from tests.fakes import FakeAgent
from tests.stages.talk import Talk, place, same_after_reload, words


@dataclass
class Answer:
    """An answer, and what was said after it."""

    text: str
    then: "Message | None" = None


@dataclass
class Message:
    """A message in all its wordings."""

    step_id: str
    wordings: list[tuple[str, list[Answer]]]
    at: int = 0
    answer_at: dict[int, int] = field(default_factory=dict)

    @property
    def answers(self) -> list[Answer]:
        """The answers to the wording that is shown."""
        return self.wordings[self.at][1]

    @property
    def answer(self) -> Answer:
        """The one that is shown."""
        return self.answers[self.answer_at.get(self.at, 0)]


def path(root: Message | None) -> list[Message]:
    """The messages that stand on the screen."""
    found = []
    while root is not None:
        found.append(root)
        root = root.answer.then
    return found


DEEDS = st.lists(
    st.tuples(st.sampled_from(["say", "edit", "again", "wording", "answer"]), st.integers(0, 7)),
    min_size=4,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
async def test_any_walk_ends_where_a_tree_would(
    stage: ChatStage, record: Record, agent: FakeAgent, deeds: list[tuple[str, int]]
) -> None:
    """The path is the tree's, the page shows the record, the turns count up, and no word is ever lost."""
    talk, root, said, kept = Talk(stage, record), None, set[str](), 0
    for number, (deed, which) in enumerate([("say", 0), *deeds]):
        text, reply = f"said {number}", f"answer {number}"
        stand = path(root)
        message = stand[which % len(stand)] if stand else None
        if message is None or deed == "say":
            agent.enqueue(*words(reply))
            new = Message(await talk.say(text), [(text, [Answer(reply)])])
            said |= {text, reply}
            if stand:
                stand[-1].answer.then = new
            else:
                root = new
        elif deed == "edit":
            agent.enqueue(*words(reply))
            await talk.edit(message.step_id, text)
            message.wordings.append((text, [Answer(reply)]))
            message.at = len(message.wordings) - 1
            said |= {text, reply}
        elif deed == "again":
            agent.enqueue(*words(reply))
            await talk.again(message.step_id)
            message.answers.append(Answer(reply))
            message.answer_at[message.at] = len(message.answers) - 1
            said.add(reply)
        elif deed == "wording":
            message.at = (message.at + which) % len(message.wordings)
            await talk.walk(message.step_id, message.at + 1)
        else:
            shown = next(row for row in await talk.steps() if row["output"] == message.answer.text)
            to = (message.answer_at.get(message.at, 0) + which) % len(message.answers)
            message.answer_at[message.at] = to
            await talk.walk(shown["step_id"], to + 1)
        stand = path(root)
        everything = await talk.steps()
        expected = [one for each in stand for one in (each.wordings[each.at][0], each.answer.text)]
        assert [row["output"] for row in everything if row["deleted_at"] is None] == expected
        turns = [row["turn"] for row in everything if row["deleted_at"] is None]
        assert turns == [turn for turn in range(1, len(stand) + 1) for _ in (1, 2)]
        assert len(everything) >= kept
        kept = len(everything)
        await same_after_reload(talk)
        for each in stand:
            if len(each.wordings) > 1:
                assert await place(talk, each.step_id) == (each.at + 1, len(each.wordings))
    ever = await rows(record, "step_revisions", thread_id=talk.thread_id)
    assert {row["output"] for row in ever} == said
