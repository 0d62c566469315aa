"""One dialog: what a participant and an agent are to say to each other, and how a file writes it."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from study.errors import DialogFileError
from study.text import is_blank

Speaker: TypeAlias = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool that was made for a participant's line.

    Args:
        name: The tool's name.
        request: What it was asked, as text; None where the file does not say.
        response: What it answered, as text.
    """

    name: str
    request: str | None
    response: str


@dataclass(frozen=True, slots=True)
class DialogLine:
    """One line of a dialog, with the tool calls that the participant's words led to.

    A line of the assistant's may name a form of the study, which stands under it.
    """

    speaker: Speaker
    text: str
    calls: tuple[ToolCall, ...] = ()
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the file has in answer to one of the participant's lines; no text where it has none.

    Its form is the one of the study that it asks with.
    """

    calls: tuple[ToolCall, ...]
    text: str | None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Dialog:
    """One conversation. The participant begins it."""

    dialog_id: str
    utterances: tuple[DialogLine, ...]

    @property
    def participant_lines(self) -> tuple[str, ...]:
        """What the participant says, in order."""
        return tuple(line.text for line in self.utterances if line.speaker == "user")

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What answers each of the participant's lines, in the same order."""
        following = (*self.utterances[1:], None)
        return tuple(
            Answer(line.calls, after.text, after.form)
            if after is not None and after.speaker == "assistant"
            else Answer(line.calls, None)
            for line, after in zip(self.utterances, following, strict=True)
            if line.speaker == "user"
        )


def dialog_from(raw: object, where: str) -> Dialog:
    """Read one dialog.

    Args:
        raw: What a line of the file holds, as JSON gives it.
        where: The file and line, for messages.

    Returns:
        The dialog.

    Raises:
        DialogFileError: Something in it is wrong; names the place and the repair.
    """
    fields = _object(raw, where)
    dialog_id = _text(fields, "conversation_id", where)
    utterances = fields.get("utterances")
    if not isinstance(utterances, list) or not utterances:
        raise DialogFileError(f'{where}: has no utterances. Write them like: "utterances": [{{...}}, ...]')
    lines = tuple(_line(raw_line, index, where) for index, raw_line in enumerate(utterances))
    if lines[0].speaker != "user":
        raise DialogFileError(
            f"{where}: the assistant speaks first, which no page can show. "
            "Begin each dialog with a line of speaker user."
        )
    for index in range(1, len(lines)):
        if lines[index].speaker == lines[index - 1].speaker == "assistant":
            raise DialogFileError(
                f"{where}: utterances {index - 1} and {index} are both the assistant's. "
                "Join them into one utterance: a reply is one message."
            )
    return Dialog(dialog_id, lines)


def _line(raw: object, index: int, where: str) -> DialogLine:
    where = f"{where}, utterance {index}"
    fields = _object(raw, where)
    if fields.get("index", index) != index:
        raise DialogFileError(
            f"{where}: its index is {fields['index']!r}. Number the utterances 0, 1, 2, ... in order."
        )
    speaker = fields.get("speaker")
    if speaker not in ("user", "assistant"):
        raise DialogFileError(f'{where}: its speaker is {speaker!r}. Write "user" or "assistant".')
    calls = _calls(fields.get("annotations", []), where)
    if calls and speaker == "assistant":
        raise DialogFileError(
            f"{where}: tool calls stand at the assistant's line. "
            "Move its annotations to the user's line that they answer."
        )
    form = fields.get("form")
    if form is not None and (speaker == "user" or not isinstance(form, str)):
        raise DialogFileError(
            f"{where}: its form is {form!r}. Name a form of study.yaml, at a line of the assistant's: "
            '"form": "order"'
        )
    return DialogLine(speaker, _text(fields, "text", where), calls, form)


def _calls(raw: object, where: str) -> tuple[ToolCall, ...]:
    if not isinstance(raw, list):
        raise DialogFileError(f"{where}: its annotations are not a list. Write [] for none.")
    found: dict[str, dict[str, str]] = {}
    for item in raw:
        annotation = _object(item, f"{where}, annotations")
        values = [annotation.get(key) for key in ("name", "value", "context")]
        if not all(isinstance(value, str) for value in values):
            raise DialogFileError(
                f"{where}: an annotation lacks name, value or context. Write it like: "
                '{"name": "api_call", "value": "find_item", "context": "api_call_0"}'
            )
        name, value, context = (str(value) for value in values)
        found.setdefault(context.rsplit("_", 1)[-1], {})[name] = value
    return tuple(_call(number, parts, where) for number, parts in found.items())


def _call(number: str, parts: dict[str, str], where: str) -> ToolCall:
    if "api_call" not in parts or "response" not in parts:
        lacks = "api_call" if "api_call" not in parts else "response"
        raise DialogFileError(
            f"{where}: tool call {number} has no {lacks}. Each needs annotations named api_call and "
            f"response whose contexts end in _{number}."
        )
    for value in parts.values():
        _encodable(value, f"{where}, tool call {number}")
    return ToolCall(parts["api_call"], parts.get("request"), parts["response"])


def _object(raw: object, where: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise DialogFileError(f"{where}: is not a JSON object. Write it like: {{...}}")
    return raw


def _text(fields: dict[str, Any], key: str, where: str) -> str:
    value = fields.get(key)
    if isinstance(value, str):
        _encodable(value, where)
    if not isinstance(value, str) or is_blank(value):
        raise DialogFileError(f'{where}: has no {key}. Write it like: "{key}": "..."')
    return value


def _encodable(value: str, where: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise DialogFileError(
            f"{where}: holds half of a character ({value[error.start]!r}). "
            "Write both halves of the surrogate pair, or the character itself."
        ) from error
    return value
