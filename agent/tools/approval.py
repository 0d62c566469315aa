"""A tool that asks first: the participant reads with which arguments it would be called, and says yes or no.

What was shown is kept before it is shown, and a yes calls the tool with that and nothing else: neither the
model nor the page says it once more.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import to_json

from agent.context import Utterance
from agent.events import FormAsked
from agent.tools.declare import ToolStore
from agent.tools.function_tool import Tool
from agent.tools.toolbox import ToolResult, failed
from study.forms.form import Form
from study.text import is_blank, storable

CANNOT_BE_ASKED: Final = "cannot_be_asked"
# With which the names of its forms begin, in the record too.
APPROVES: Final = "approve-"
_ITEM: Final = "approved"
_KEPT_AS: Final = "verbatim:{}"
_LONGEST_SHOWN: Final = 4_000
_PLACE: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """A participant is to say whether a tool may be called.

    Args:
        words: What the agent asks.
        form: Two buttons, and above them the arguments.
    """

    words: str
    form: FormAsked


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """What a participant has said of a call.

    Args:
        tool: Its name.
        arguments: As they were shown.
        is_approved: Whether it may be made.
    """

    tool: str
    arguments: str
    is_approved: bool


async def ask_approval(
    tool: Tool, arguments: str, key: str, store: ToolStore
) -> tuple[ApprovalAsked | None, ToolResult]:
    """Prepare a question.

    Args:
        tool: What would be called.
        arguments: With what; they fit.
        key: The same for the same decision.
        store: Keeps what is shown.

    Returns:
        The question, and what the model is told of it; without a question, why it cannot be asked.
    """
    fitting = tool.arguments(arguments)
    told = "\n".join(f"{name}: {_shown(value)}" for name, value in fitting.items())
    if len(told) > _LONGEST_SHOWN:
        return None, failed(
            CANNOT_BE_ASKED, f"{tool.name} was not called: its arguments are too long to be shown."
        )
    form_id = f"{APPROVES}{key[:24]}"
    try:
        await store.put(_KEPT_AS.format(form_id), {"tool": tool.name, "arguments": arguments})
    except Exception:  # whatever befalls the record: what is not kept is not shown
        return None, failed(CANNOT_BE_ASKED, f"{tool.name} was not called: the question could not be kept.")
    item = {
        "id": _ITEM,
        "kind": "yes_no",
        "label": storable(told if not is_blank(told) else tool.name),
        "display": "buttons",
    }
    form = Form.model_validate({"id": form_id, "items": [item]})
    said = "The user is asked whether this may be done. It is not done yet."
    result = ToolResult(to_json({"asked": said}).decode())
    return ApprovalAsked(storable(_question(tool, fitting)), FormAsked(form)), result


async def approval_in(last: Utterance, store: ToolStore) -> ApprovalGiven | None:
    """What a participant's message says of a call; None where it says nothing of one."""
    if last.answers is None or not (last.form_id or "").startswith(APPROVES):
        return None
    kept = await store.get(_KEPT_AS.format(last.form_id))
    if not isinstance(kept, dict):
        return None
    return ApprovalGiven(str(kept["tool"]), str(kept["arguments"]), last.answers.get(_ITEM) is True)


def declined() -> ToolResult:
    """What a model is told of a call that the participant does not want."""
    return ToolResult(to_json({"declined": "The user said no. It was not done."}).decode())


def _question(tool: Tool, fitting: dict[str, Any]) -> str:
    first_line = next(iter(tool.description.splitlines()), "")  # a server's may say nothing of itself
    asked = tool.options.question or first_line or tool.name
    return _PLACE.sub(lambda place: _shown(fitting[place[1]]) if place[1] in fitting else place[0], asked)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
