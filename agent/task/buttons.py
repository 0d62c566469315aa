"""Buttons under a question of a task agent: a press says the answer in words, as if it had been typed."""

from collections.abc import Sequence
from typing import Final

from agent.task.dialogue import Dialogue
from agent.task.state import DialogueState
from study.forms.form import Form
from study.forms.texts import LONGEST_TEXT
from study.strings import strings_in
from study.task_definition import SlotDefinition
from study.text import beginning

# More are no quicker to press than to type, and longer ones no buttons.
MOST_BUTTONS: Final = 6
LONGEST_BUTTON: Final = 60
# What is answered with yes or no, as DialogueState.asked names it.
YES_OR_NO: Final = frozenset({"confirm", "value", "again", "meant"})


def buttons_for(dialogue: Dialogue, state: DialogueState, words: str) -> Form | None:
    """The buttons that stand under a reply.

    Args:
        dialogue: The dialogue.
        state: Where it stands: what was asked.
        words: The reply's.

    Returns:
        A form of one choice; None for a question that is answered in words alone.
    """
    asked = state.asked or {}
    if asked.get("for") == "which":
        titles = [dialogue.intent(name).title for name in asked["intents"]]
        return _form("which", dialogue.says("which"), [*titles, dialogue.says("something_else")])
    if state.intent is None or not dialogue.intent(state.intent).buttons:
        return None
    if asked.get("for") in YES_OR_NO:
        return _form(str(asked["for"]), words, _yes_and_no(dialogue))
    if asked.get("for") != "slot":
        return None
    slot = dialogue.intent(state.intent).slots[asked["slot"]]
    return _for_slot(dialogue, slot.slots[asked["part"]] if "part" in asked else slot, asked["slot"], words)


def _for_slot(dialogue: Dialogue, slot: SlotDefinition, name: str, words: str) -> Form | None:
    if slot.kind == "yes_no":
        return _form(name, words, _yes_and_no(dialogue))
    options = list(slot.options) if slot.kind == "choice" else []
    short = all(len(option) <= LONGEST_BUTTON for option in options)
    return _form(name, words, options) if short and 0 < len(options) <= MOST_BUTTONS else None


def _yes_and_no(dialogue: Dialogue) -> list[str]:
    """In the language that the agent understands, whichever the page is in."""
    said = strings_in(dialogue.definition.language)
    return [said("page.form_yes"), said("page.form_no")]


def _form(name: str, label: str, options: Sequence[str]) -> Form:
    item = {"id": name, "kind": "choice", "label": beginning(label, LONGEST_TEXT), "display": "buttons"}
    return Form.model_validate({"id": name, "items": [item | {"options": list(options)}]})
