"""Any sequence of messages, edits, answers anew, walks, silences and offers, beside plain lists."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.context import ReplyContext
from agent.events import Event, IntentBegan, IntentContinued, IntentEnded, IntentUpdated, TextDelta
from data_layer.record import Record
from stages.chat.idle import IdleIntents
from stages.chat.stage import ChatStage
from study.errors import AgentUnavailable
from tests.data_layer.rows import rows
from tests.fakes import FakeAgent, FakeAgents, HandClock
from tests.stages.talk import LIMIT, Talk

ACTIVE, COMPLETED, ABANDONED = "active", "completed", "abandoned"


@dataclass(frozen=True)
class Move:
    """What happened, to the intent of a name."""

    kind: str
    name: str
    known: int = 0


@dataclass
class Answer:
    """An answer, with the moves in it and those that were made behind it without any answer."""

    moves: list[Move]
    then: "Said | None" = None


@dataclass
class Said:
    """A message in all its wordings, and the answers to each."""

    step_id: str
    wordings: list[list[Answer]] = field(default_factory=list)
    at: int = 0
    answer_at: dict[int, int] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        """The one that is shown."""
        return self.wordings[self.at][self.answer_at.get(self.at, 0)]


class Expected:
    """What the moves on a path come to, by a reading of its own."""

    def __init__(self, moves: list[Move]) -> None:
        self.states: dict[str, str] = {}
        self.known: dict[str, int] = {}
        for move in moves:
            self.take(move)

    def take(self, move: Move) -> bool:
        """A move, if it can be; whether it was."""
        state = self.states.get(move.name)
        allowed = {
            "began": state is None,
            "updated": state == ACTIVE,
            "completed": state == ACTIVE,
            "abandoned": state == ACTIVE,
            "continued": state == ABANDONED,
            "declined": state == ABANDONED,
        }[move.kind]
        if not allowed:
            return False
        if move.kind in ("began", "continued"):
            self.states = {name: ABANDONED if s == ACTIVE else s for name, s in self.states.items()}
            self.states[move.name] = ACTIVE
            self.known.setdefault(move.name, 0)
        elif move.kind == "updated":
            self.known[move.name] = move.known
        elif move.kind != "declined":
            self.states[move.name] = move.kind
        return True

    @property
    def active(self) -> str | None:
        """The intent under way."""
        return next((name for name, state in self.states.items() if state == ACTIVE), None)


def path(root: Said | None) -> list[Said]:
    """The messages that stand on the screen."""
    found = []
    while root is not None:
        found.append(root)
        root = root.answer.then
    return found


class World:
    """A talk, an agent that keeps intents, and what should be known of both."""

    def __init__(self, record: Record, clock: HandClock) -> None:
        self.record, self.clock = record, clock
        self.agent = NamingAgent()
        self.agent.keeps_intents = True
        self.talk = Talk(ChatStage(record, FakeAgents(self.agent), message_length=LIMIT), record)
        self.idle = IdleIntents(record, 30)
        self.root: Said | None = None
        self.number = 0
        self.moves_ever = 0

    @property
    def moves(self) -> list[Move]:
        """All on the path."""
        return [move for one in path(self.root) for move in one.answer.moves]

    async def say(self, _message: Said | None, _which: int, script: list[str]) -> None:
        """Go on."""
        stand, before = path(self.root), self.moves
        answer = Answer(self.script(script, before))
        new = Said(await self.talk.say("said"), [[answer]])
        if stand:
            stand[-1].answer.then = new
        else:
            self.root = new
        self.check_context(before)

    async def edit(self, message: Said, _which: int, script: list[str]) -> None:
        """Say it otherwise."""
        before = self.moves_to(message)
        answer = Answer(self.script(script, before))
        await self.talk.edit(message.step_id, f"said {self.number} {len(message.wordings)}")
        message.wordings.append([answer])
        message.at = len(message.wordings) - 1
        self.check_context(before)

    async def again(self, message: Said, _which: int, script: list[str]) -> None:
        """Have it answered anew."""
        before = self.moves_to(message)
        answers = message.wordings[message.at]
        answers.append(Answer(self.script(script, before)))
        await self.talk.again(message.step_id)
        message.answer_at[message.at] = len(answers) - 1
        self.check_context(before)

    async def wording(self, message: Said, which: int, _script: list[str]) -> None:
        """Walk to another wording."""
        message.at = (message.at + which) % len(message.wordings)
        await self.talk.walk(message.step_id, message.at + 1)

    async def answer(self, message: Said, which: int, _script: list[str]) -> None:
        """Walk to another answer."""
        steps = [row for row in await self.talk.steps() if row["deleted_at"] is None]
        turn = next(row["turn"] for row in steps if row["step_id"] == message.step_id)
        shown = next(row for row in steps if row["turn"] == turn and row["type"] == "assistant_message")
        to = (message.answer_at.get(message.at, 0) + which) % len(message.wordings[message.at])
        message.answer_at[message.at] = to
        await self.talk.walk(shown["step_id"], to + 1)

    async def be_silent(self, _message: Said, _which: int, _script: list[str]) -> None:
        """Write nothing for an hour; two processes look."""
        self.clock.forward(3600)
        await self.idle.sweep()
        await self.idle.sweep()
        left = Expected(self.moves).active
        if left is not None:
            path(self.root)[-1].answer.moves.append(Pressed("abandoned", left))

    async def go_on(self, _message: Said, which: int, script: list[str]) -> None:
        """Press a button of an offer, whether it is there or not."""
        kept = await rows(self.record, "intents", thread_id=self.talk.thread_id)
        standing = [row for row in kept if row["deleted_at"] is None]
        if not standing:
            return
        meant, goes_on = standing[which % len(standing)], len(script) % 2 == 0
        spoken = self.talk.spoken("", "")
        await self.talk.stage.answer_offer(spoken, meant["intent_id"], self.talk.screen, goes_on=goes_on)
        move = Pressed("continued" if goes_on else "declined", meant["name"])
        if Expected(self.moves).take(move):
            path(self.root)[-1].answer.moves.append(move)

    def script(self, deeds: list[str], before: list[Move]) -> list[Move]:
        """Let the next answer do these; what of it can happen, by this test's own reading."""
        expected, made, events = Expected(before), list[Move](), list[Any]()
        current = expected.active
        for deed in deeds:
            self.number += 1
            event: Event | Exception | None = None
            if deed == "begin":
                current = f"intent {self.number}"
                move, event = Move("began", current), IntentBegan(current, current.title())
            elif deed == "continue":
                left = [name for name, state in Expected(before).states.items() if state == ABANDONED]
                if not left:
                    continue
                current = left[-1]
                move, event = Move("continued", current), Continued(current)
            elif deed == "fail":
                event = AgentUnavailable("gone", error_type="gone")
            elif current is None:
                continue
            elif deed == "update":
                state = {"n": self.number}
                move, event = Move("updated", current, self.number), IntentUpdated({"a": self.number}, state)
            else:
                move, event = Move(deed, current), IntentEnded(deed, "agent")  # type: ignore[arg-type]
            events.append(event)
            if deed == "fail":
                break
            if expected.take(move):
                made.append(move)
        self.agent.enqueue(TextDelta(f"answer {self.number}"), *events)
        return made

    def moves_to(self, message: Said) -> list[Move]:
        """The moves on the path before a message."""
        found: list[Move] = []
        for one in path(self.root):
            if one is message:
                break
            found += one.answer.moves
        return found

    async def check(self) -> None:
        """The record says what the path comes to."""
        await self.record.writer.flush()
        stand = path(self.root)
        expected = Expected([move for one in stand for move in one.answer.moves])
        kept = await rows(self.record, "intents", thread_id=self.talk.thread_id)
        living = [row for row in kept if row["deleted_at"] is None]
        assert {row["name"]: row["state"] for row in living} == expected.states
        assert {row["name"]: (row["parameters"] or {}).get("a", 0) for row in living} == expected.known
        assert sum(row["state"] == ACTIVE for row in living) <= 1
        names = {row["intent_id"]: row["name"] for row in living}
        steps = {row["step_id"]: row for row in await self.talk.steps()}
        before: list[Move] = []
        for one in stand:
            under_way = Expected(before).active
            taken_up = [move.name for move in one.answer.moves if move.kind in ("began", "continued")]
            by_answer = taken_up[: len(taken_up) - self.by_button(one.answer)]
            wanted = by_answer[-1] if by_answer else under_way
            assert names.get(steps[one.step_id]["intent_id"]) == wanted
            before += one.answer.moves
        moves = await rows(self.record, "intent_moves", thread_id=self.talk.thread_id)
        assert len(moves) >= self.moves_ever
        self.moves_ever = len(moves)

    def by_button(self, answer: Answer) -> int:
        """How many of an answer's moves were made behind it by its participant's button."""
        return sum(isinstance(move, Pressed) and move.kind == "continued" for move in answer.moves)

    def check_context(self, before: list[Move]) -> None:
        """The agent was given the intent under way as it was left."""
        context = self.agent.contexts.pop()
        expected = Expected(before)
        given = context.intent
        assert (given.name if given else None) == expected.active
        if given is not None:
            assert given.parameters.get("a", 0) == given.state.get("n", 0) == expected.known[given.name]
        assert {one.name: one.status for one in context.former} == {
            name: state for name, state in expected.states.items() if name != expected.active
        }


@dataclass(frozen=True)
class Pressed(Move):
    """A move that no answer made."""


@dataclass(frozen=True)
class Continued:
    """IntentContinued by name: its id is known only when the answer is given."""

    name: str


class NamingAgent(FakeAgent):
    """Turns Continued into the event, by what it is told of former intents."""

    async def reply(self, turns: Any, context: ReplyContext) -> Any:
        """As the script says."""
        ids = {one.name: one.intent_id for one in context.former}
        async for event in super().reply(turns, context):
            yield IntentContinued(ids[event.name]) if isinstance(event, Continued) else event


SCRIPTS = st.lists(
    st.sampled_from(["begin", "update", "completed", "abandoned", "continue", "fail"]), max_size=4
)
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["say", "say", "edit", "again", "wording", "answer", "idle", "go on"]),
        st.integers(0, 7),
        SCRIPTS,
    ),
    min_size=4,
    max_size=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
async def test_any_walk_leaves_intents_where_its_path_does(
    record: Record, clock: HandClock, deeds: list[tuple[str, int, list[str]]]
) -> None:
    """States, parameters and messages are those of the path; one is under way; no move is ever lost."""
    world = World(record, clock)
    deed_of = {
        "say": world.say,
        "edit": world.edit,
        "again": world.again,
        "wording": world.wording,
        "answer": world.answer,
        "idle": world.be_silent,
        "go on": world.go_on,
    }
    for deed, which, script in [("say", 0, ["begin"]), *deeds]:
        stand = path(world.root)
        await deed_of[deed](stand[which % len(stand)] if stand else None, which, script)  # type: ignore[operator]
        await world.check()
    await world.talk.stage.close()
    await world.talk.leave()
