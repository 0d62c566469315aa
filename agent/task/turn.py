"""One turn of a task agent: the stages of agent/pipeline/, each with its part of the work."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final

from agent.context import ReplyContext
from agent.events import Event, FormAsked, IntentBegan, IntentEnded, IntentUpdated, Json
from agent.paced import paced
from agent.task.acting import Acting
from agent.task.buttons import buttons_for
from agent.task.calling import Caller
from agent.task.changes import Changes
from agent.task.decisions import Decision, decide
from agent.task.dialogue import Dialogue
from agent.task.reading import Reading
from agent.task.state import DialogueState
from agent.task.templates import rendered
from agent.task.tokens import tokens_of

WORDS_AT_ONCE: Final = 3
CANCELLED: Final = "cancelled"


class TaskTurn:
    """A turn at work; see agent/pipeline/stage.py for what each method is.

    Args:
        dialogue: The dialogue.
        state: Where it stands; changed in place.
        text: What the participant said.
        at: When.
        context: Where the reply will stand.
        caller: Who calls the tools.
        delay_ms: A pause before each few words.
        heard: Names all that was said so far, this turn's words among it.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        state: DialogueState,
        text: str,
        at: datetime | None,
        context: ReplyContext,
        caller: Caller,
        delay_ms: int = 0,
        heard: str = "",
    ) -> None:
        self.state = state
        self.text = ""
        self._dialogue = dialogue
        self._said = text
        self._at = at
        self._context = context
        self._caller = caller
        self._delay_ms = delay_ms
        self._heard = heard
        self._readings: list[Reading] = []
        self._decision = Decision("fallback")
        self._answers: list[str] = []
        self._affirmed = False
        self._moves: list[Event] = []
        self._under_way = context.intent is not None
        self._opening: str | None = None

    def session(self) -> Iterator[Json]:
        """Which thread, intent and run this is."""
        yield {"thread_id": self._context.thread_id, "run_id": self._context.run_id}
        yield {"intent": self.state.intent, "asked": self.state.asked}

    def recognise(self) -> Iterator[Json]:
        """What the participant may want, with scores."""
        yield {"text": self._said}
        self._readings = self._dialogue.read(self._said, tokens_of(self._said), self._at, self.state.asked)
        yield {
            "intents": [
                {"name": one.intent, "score": one.score} | ({"because": one.evidence} if one.evidence else {})
                for one in self._readings
            ]
        }

    def handle(self) -> Iterator[Json]:
        """Which of these it is, or which fallback attempt is made."""
        yield {"intent": self.state.intent, "asked": self.state.asked}
        decision = decide(self._dialogue, self.state, self._said, self._readings)
        if decision.kind == "instead":
            self._said = str(decision.value)
            self.state.asked = None
            self._readings = self._dialogue.read(self._said, tokens_of(self._said), self._at)
            decision = decide(self._dialogue, self.state, self._said, self._readings)
        self._decision = decision
        if decision.kind == "begin" or (decision.kind == "aside" and not self._under_way):
            self._begin(decision)
        attempts = {"attempts": decision.attempts} if decision.attempts else {}
        yield {"decision": decision.kind, "intent": decision.intent} | attempts

    def _begin(self, decision: Decision) -> None:
        name = decision.intent or ""
        score = decision.reading.score if decision.reading else None
        self._moves.append(IntentBegan(name, self._dialogue.intent(name).title, score))
        self._opening = self._said

    def extract(self) -> Iterator[Json]:
        """What of the intent's parameters was said."""
        decision, state = self._decision, self.state
        yield {"text": self._said}
        changed: list[str] = []
        if decision.kind != "fallback":
            state.attempts = []
        if decision.kind == "begin":
            state.begin(decision.intent)
        if decision.kind == "start_over" and state.intent is not None:
            state.begin(state.intent)
        if decision.kind in ("begin", "inform", "affirm") and decision.reading is not None:
            changed = self._take(decision.reading)
        unknown: list[str] = []
        if decision.kind in ("begin", "inform", "affirm", "unknown") and decision.reading is not None:
            unknown = decision.reading.unknown
            self._answers += self._dialogue.unknown(decision.reading)
        if decision.kind == "cancel":
            self._answers.append(self._dialogue.says("cancelled" if state.intent else "nothing_to_cancel"))
            if state.intent is not None:
                self._moves.append(IntentEnded("abandoned", CANCELLED))
            state.begin(None)
        yield {
            "parameters": state.parameters(),
            "changed": changed,
            "missing": self._dialogue.missing(state),
        } | ({"unknown": unknown} if unknown else {})

    def _take(self, reading: Reading) -> list[str]:
        state = self.state
        intent = self._dialogue.intent(reading.intent)
        before = state.parameters()
        asked = state.asked or {}
        changes = Changes(state, intent, self._dialogue.language, tokens_of(self._said))
        if asked.get("for") == "slot" and "number" in asked:
            state.focus = [asked["slot"], asked["number"]]
        changes.apply(reading)
        same = state.parameters() == before
        if asked.get("for") in ("confirm", "again", "value"):
            said_before = asked.get("for") != "again" or bool(asked.get("affirmed"))
            self._affirmed = self._decision.kind == "affirm" and same and said_before
        if asked.get("for") == "value":
            self._answer_to_value(asked, same)
        elif confirmed := self._to_confirm(reading):
            state.asked = {"for": "value", "slot": confirmed}
            return changes.changed
        state.asked = None
        return changes.changed

    def _to_confirm(self, reading: Reading) -> str | None:
        slots = self._dialogue.intent(reading.intent).slots
        return next(
            (name for name in reading.values if slots[name].confirm and name in self.state.slots), None
        )

    def _answer_to_value(self, asked: Json, same: bool) -> None:
        if same and not self._affirmed:
            self.state.slots.pop(asked["slot"], None)
        self._affirmed = False

    async def moves(self) -> AsyncGenerator[Event]:
        """How intents begin and end, once."""
        moves, self._moves = self._moves, []
        for event in moves:
            yield event

    async def act(self) -> AsyncGenerator[Event]:
        """The tools, called as the decision asks."""
        if self._decision.kind == "aside" and self._decision.reading is not None:
            async for event in self._aside(self._decision.reading):
                yield event
        state = self.state
        if self._decision.kind not in ("begin", "inform", "affirm", "start_over") or state.intent is None:
            return
        if (state.asked or {}).get("for") == "value" or self._dialogue.missing(state):
            return
        intent = self._dialogue.intent(state.intent)
        acting = Acting(self._dialogue, state, self._caller)
        async for event in acting.prepare(intent.prepare):
            yield event
        ready = not (acting.failed or acting.halted or self._dialogue.missing(state))
        if ready and (self._affirmed or intent.confirm is None):
            async for event in self._carry_out(acting):
                yield event
        self._answers += acting.refused
        if acting.failed:
            self._answers.append(self._dialogue.says("failed"))
            state.asked = {"for": "again", "affirmed": self._affirmed}
        elif acting.halted:
            state.asked = {"for": "change"}

    async def _carry_out(self, acting: Acting) -> AsyncGenerator[Event]:
        """Do what the intent is for."""
        intent = self._dialogue.intent(self.state.intent or "")
        async for event in acting.run(intent.calls, always=True, asked=self._affirmed):
            yield event
        if not (acting.failed or acting.halted):
            self._answers.append(rendered(intent.answer, self._dialogue.view(self.state)))
            yield self._updated()
            self.state.begin(None)
            yield IntentEnded("completed", "tool" if acting.completes else "agent")

    def _updated(self) -> IntentUpdated:
        """What is known, and what is needed at the next turn (agent/task/agent.py)."""
        opening = {"opening": self._opening} if self._opening is not None else {}
        written = {"heard": self._heard, "dialogue": self.state.as_json()} | opening
        return IntentUpdated(self.state.parameters(), written)

    async def _aside(self, reading: Reading) -> AsyncGenerator[Event]:
        """Answer in passing: what was under way is not touched."""
        beside = DialogueState(reading.intent)
        intent = self._dialogue.intent(reading.intent)
        Changes(beside, intent, self._dialogue.language, tokens_of(self._said)).apply(reading)
        acting = Acting(self._dialogue, beside, self._caller)
        async for event in acting.run((*intent.prepare, *intent.calls), always=True):
            yield event
        self._answers += acting.refused
        if acting.failed:
            self._answers.append(self._dialogue.says("failed"))
        elif not acting.refused:
            self._answers.append(rendered(intent.answer, self._dialogue.view(beside)))
        if not self._under_way:
            yield IntentUpdated(beside.parameters())
            yield IntentEnded("completed", "tool" if acting.completes else "agent")

    def respond(self) -> Iterator[Json]:
        """What is said."""
        yield {"decision": self._decision.kind, "intent": self.state.intent}
        self._answers += self._next()
        self.text = "\n\n".join(one for one in self._answers if one) or self._dialogue.says("not_understood")
        yield {"text": self.text, "asked": self.state.asked}

    def _next(self) -> list[str]:
        """What is asked now."""
        decision, state, dialogue = self._decision, self.state, self._dialogue
        if decision.kind == "fallback":
            return self._fall_back(decision.value)
        if decision.kind == "start_over":
            self._answers.insert(0, dialogue.says("started_over"))
        if state.intent is None:
            if decision.kind == "deny":
                state.asked = None
                return [dialogue.says("say_it_otherwise")]
            return []
        asked = state.asked or {}
        if asked.get("for") == "again":
            return []
        if asked.get("for") == "change" and decision.kind != "deny" and self._answers:
            return [dialogue.says("what_to_change")]
        if decision.kind == "deny" and asked.get("for") in ("confirm", "change", "again"):
            state.asked = {"for": "change"}
            return [dialogue.says("what_to_change")]
        if decision.kind == "deny" and asked.get("for") == "meant":
            state.asked = None
            return [dialogue.says("say_it_otherwise")]
        if decision.kind == "back":
            state.asked = decision.value
            return [dialogue.question(state, decision.value)]
        return self._ask()

    def _ask(self) -> list[str]:
        state, dialogue = self.state, self._dialogue
        if (state.asked or {}).get("for") == "value":
            value = state.slots[(state.asked or {})["slot"]]
            return [dialogue.says("is_it_right", value=value)]
        missing = dialogue.missing(state)
        if missing is not None:
            state.asked = missing
            return [dialogue.question(state, missing)]
        intent = dialogue.intent(state.intent or "")
        if intent.confirm is None:
            return []
        state.asked = {"for": "confirm"}
        return [rendered(intent.confirm, dialogue.view(state))]

    def _fall_back(self, value: Any) -> list[str]:
        state, dialogue = self.state, self._dialogue
        state.attempts = [*state.attempts, value["attempt"]]
        if value["attempt"] == "closer_match":
            state.asked = {"for": "meant", "text": value["text"]}
            return [dialogue.says("did_you_mean", value=value["text"])]
        if value["attempt"] == "clarifying":
            state.asked = {"for": "which", "intents": value["intents"]}
            return [dialogue.says("unsure")]
        if state.intent is None:
            state.asked = None
            return [dialogue.says("cannot", value=", ".join(value["titles"]))]
        return [dialogue.says("not_understood"), *self._ask()]

    async def say(self) -> AsyncGenerator[Event]:
        """The words, as they go out; where the dialogue stands is kept before them."""
        if self.state.intent is not None:
            yield self._updated()
        pace = paced(self.text, words=WORDS_AT_ONCE, delay_ms=self._delay_ms)
        async with aclosing(pace) as deltas:
            async for delta in deltas:
                yield delta
        buttons = buttons_for(self._dialogue, self.state, self.text)
        if buttons is not None:
            yield FormAsked(buttons)
