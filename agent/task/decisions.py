"""What a text is in a dialogue: an answer, more to what is under way, something new, or not understood."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agent.events import Json
from agent.task.dialogue import Dialogue
from agent.task.reading import Reading
from agent.task.state import DialogueState
from agent.task.tokens import keys_of
from agent.task.values import yes_or_no

# Beside "cancel" a command has few words of its own.
MOST_BESIDE: Final = 2
# An option that is spelled like it, of 100: below phrases.CLOSE, where it is taken without asking.
LIKE_AN_OPTION: Final = 72.0
# What is asked before anything that comes from outside: the participant's own words go first.
QUESTIONS: Final = ("confirm", "value", "change", "again")


@dataclass
class Decision:
    """What is done with a text.

    Args:
        kind: "cancel", "start_over", "affirm", "deny", "inform", "back", "begin", "aside", "instead",
            "unknown" or "fallback".
        intent: The intent that it is about.
        reading: What it says about it.
        attempts: Which fallback attempts were made, and what of each.
        value: For a fallback, what is asked; for "instead", what the participant meant.
    """

    kind: str
    intent: str | None = None
    reading: Reading | None = None
    attempts: list[Json] = field(default_factory=list)
    value: Any = None


def decide(dialogue: Dialogue, state: DialogueState, text: str, readings: Sequence[Reading]) -> Decision:
    """Decide what a text is.

    Args:
        dialogue: The dialogue.
        state: Where it stands.
        text: As it was said.
        readings: What it may mean, the likeliest first.
    """
    keys = keys_of(text)
    own = next((one for one in readings if one.intent == state.intent), None)
    return (
        _command(dialogue, state, keys, own)
        or _choice(dialogue, state, text, keys)
        or _question(dialogue, state, keys, own, readings)
        or _within(dialogue, state, keys, own, readings)
        or _new(dialogue, state, readings)
        or _unknown(dialogue, state, keys, readings)
        or fallback(dialogue, state, keys, readings)
    )


def _command(
    dialogue: Dialogue, state: DialogueState, keys: tuple[str, ...], own: Reading | None
) -> Decision | None:
    for use in ("start_over", "cancel"):
        found = dialogue.language.found(use, keys)
        if found is None or (own and any(one.things for one in own.lists.values())):
            continue
        beside = keys[: found[0]] + keys[found[1] :]
        called = set(keys_of(" ".join(_called(dialogue, state))))
        if len([key for key in beside if key not in dialogue.language.filler | called]) <= MOST_BESIDE:
            return Decision(use, state.intent)
    return None


def _called(dialogue: Dialogue, state: DialogueState) -> list[str]:
    if state.intent is None:
        return []
    intent = dialogue.intent(state.intent)
    return [intent.title, *(word for slot in intent.slots.values() for word in slot.called)]


def _choice(dialogue: Dialogue, state: DialogueState, text: str, keys: tuple[str, ...]) -> Decision | None:
    """The answer to "Did you mean ...?" and "Which of these?"."""
    asked = state.asked or {}
    if asked.get("for") == "meant":
        said = yes_or_no(keys, dialogue.language)
        if said is not None and len(keys) <= 4:
            return Decision("instead", value=asked["text"]) if said else Decision("deny", state.intent)
    if asked.get("for") == "which":
        whole = " ".join(keys)
        for name in asked["intents"]:
            if whole == " ".join(keys_of(dialogue.intent(name).title)):
                return Decision("begin", name, Reading(name, 1.0))
        if whole == " ".join(keys_of(dialogue.says("something_else"))):
            return Decision("deny", state.intent)
    return None


def _question(
    dialogue: Dialogue,
    state: DialogueState,
    keys: tuple[str, ...],
    own: Reading | None,
    readings: Sequence[Reading],
) -> Decision | None:
    """The answer to "Is that right?" and "What should be different?"."""
    if own is None or (state.asked or {}).get("for") not in QUESTIONS:
        return None
    said = yes_or_no(keys, dialogue.language)
    aside = _aside(dialogue, state, readings, own)
    if aside is not None and not (said and len(keys) <= MOST_BESIDE):
        return aside
    if own.says_something:
        return Decision("affirm" if said else "inform", own.intent, own)
    if (state.asked or {}).get("for") == "change":
        return _back(dialogue, state, keys)
    if said is not None:
        return Decision("affirm" if said else "deny", own.intent, own)
    return None


def _within(
    dialogue: Dialogue,
    state: DialogueState,
    keys: tuple[str, ...],
    own: Reading | None,
    readings: Sequence[Reading],
) -> Decision | None:
    if own is None:
        return None
    aside = _aside(dialogue, state, readings, own)
    if aside is not None:
        return aside
    if own.says_something:
        other = readings[0]
        stronger = other.intent != own.intent and other.score > own.score
        if stronger and other.score >= dialogue.definition.sure and other.evidence.get("pattern"):
            return Decision("begin", other.intent, other)
        return Decision("inform", own.intent, own)
    return _back(dialogue, state, keys)


def _back(dialogue: Dialogue, state: DialogueState, keys: tuple[str, ...]) -> Decision | None:
    """Of "actually the size": a slot is called by its name, and nothing is said for it."""
    for name, slot in dialogue.intent(state.intent or "").slots.items():
        things = state.standing(name)
        parts: list[tuple[Json, tuple[str, ...]]] = [({"for": "slot", "slot": name}, slot.called)]
        if things:
            number = state.focus[1] if state.focus and state.focus[0] == name else things[-1].number
            parts += [
                ({"for": "slot", "slot": name, "number": number, "part": part}, one.called)
                for part, one in slot.slots.items()
            ]
        for asked, called in reversed(parts):
            inner = slot.slots[asked["part"]] if "part" in asked else slot
            if inner.ask and any(_stands_in(keys_of(word), keys) for word in called):
                return Decision("back", state.intent, value=asked)
    return None


def _stands_in(phrase: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    return any(keys[at : at + len(phrase)] == phrase for at in range(len(keys) - len(phrase) + 1))


def _aside(
    dialogue: Dialogue, state: DialogueState, readings: Sequence[Reading], own: Reading | None
) -> Decision | None:
    best = readings[0]
    if best.score < dialogue.definition.sure or not dialogue.intent(best.intent).aside:
        return None
    if own is not None and best.score <= own.score:
        return None
    return Decision("aside", best.intent, best)


def _new(dialogue: Dialogue, state: DialogueState, readings: Sequence[Reading]) -> Decision | None:
    best = readings[0]
    if best.score < dialogue.definition.sure or best.intent == state.intent:
        return None
    return Decision("aside" if dialogue.intent(best.intent).aside else "begin", best.intent, best)


def _unknown(
    dialogue: Dialogue, state: DialogueState, keys: tuple[str, ...], readings: Sequence[Reading]
) -> Decision | None:
    """Nothing but what is not to be had; where something is spelled like it, that is asked first."""
    asked = [one for one in readings if one.unknown and (state.intent is None or one.intent == state.intent)]
    if not asked:
        return None
    if "closer_match" not in state.attempts and _closer(dialogue, state, keys, readings) is not None:
        return None
    return Decision("unknown", asked[0].intent, asked[0])


def fallback(
    dialogue: Dialogue, state: DialogueState, keys: tuple[str, ...], readings: Sequence[Reading]
) -> Decision:
    """Try what can be tried with a text that is not understood, each once in a row; honesty at last."""
    attempts: list[Json] = []
    for name, attempt in (("closer_match", _closer), ("clarifying", _clarifying)):
        if name in state.attempts:
            attempts.append({"attempt": name, "result": "tried before"})
            continue
        value = attempt(dialogue, state, keys, readings)
        attempts.append({"attempt": name, "result": value})
        if value is not None:
            return Decision("fallback", state.intent, attempts=attempts, value={"attempt": name} | value)
    titles = [intent.title for intent in dialogue.definition.intents.values()]
    attempts.append({"attempt": "honest", "result": titles})
    return Decision(
        "fallback", state.intent, attempts=attempts, value={"attempt": "honest", "titles": titles}
    )


def _closer(
    dialogue: Dialogue, state: DialogueState, keys: tuple[str, ...], readings: Sequence[Reading]
) -> Json | None:
    """For "Did you mean ...?": an option that is spelled like it."""
    names = [state.intent] if state.intent else [one.intent for one in readings]
    found = [hit for name in names if (hit := dialogue.readers[name].book.close(keys, LIKE_AN_OPTION))]
    if not found:
        return None
    _, value, score = max(found, key=lambda hit: hit[2])
    return {"text": value, "score": round(score, 2)}


def _clarifying(
    dialogue: Dialogue, state: DialogueState, keys: tuple[str, ...], readings: Sequence[Reading]
) -> Json | None:
    """For "Which of these?": the intents that a little speaks for."""
    close = [
        one.intent
        for one in readings
        if one.score >= dialogue.definition.close and one.intent != state.intent
    ]
    return {"intents": close[:4]} if close else None
