"""What a model gets of a conversation with attachments: content parts of OpenAI's chat completions.

Messages without attachments stay plain text. What is sent and what is kept of it differ in one thing: in
the kept prompt the reference "sha256:<digest of the file>" stands in place of a picture's bytes. So whatever
no database can hold is not sent either: a PDF's text may have NUL in it.
"""

import asyncio
import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.context import Attachment, Utterance
from agent.events import Json
from agent.pdf_text import text_of_pdf
from study.text import beginning, is_blank, storable, storable_json

# Of all pictures in a conversation the newest ones are sent, until one of the two is reached.
MOST_PICTURES: Final = 8
MOST_PICTURE_BYTES: Final = 20_000_000
# Characters of one file, and of all files in a prompt, the newest first.
LONGEST_TEXT: Final = 40_000
LONGEST_TEXTS: Final = 120_000
# Between turns that become one message.
JOINT: Final = "\n\n"

NOTHING_DONE: Final[Mapping[int, Sequence[Json]]] = {}
# Many models' templates refuse a participant's message right after a tool's result.
_BROKEN_OFF: Final[Json] = {"role": "assistant", "content": "[This answer was broken off.]"}
_CUT: Final = "\n[The file goes on; only its beginning is given here.]"


@dataclass(frozen=True)
class Prompt:
    """A conversation as messages.

    Args:
        sent: To the model.
        kept: For the record, with references in place of pictures.
    """

    sent: list[Json]
    kept: list[Json]


async def messages_of(
    system: Sequence[Json], turns: Sequence[Utterance], done: Mapping[int, Sequence[Json]] = NOTHING_DONE
) -> Prompt:
    """Write a conversation as messages.

    Args:
        system: What stands before it.
        turns: Oldest first.
        done: What stands between turns, after the one at each place: calls of tools, and their results.
    """
    given = await _give(turns)
    sent: list[Json] = storable_json(system)
    kept = list(sent)
    is_open = False  # results wait for the words that followed them
    for numbers in in_turn(turns, done):
        role = turns[numbers[0]].role
        if is_open and role == "user":
            sent.append(dict(_BROKEN_OFF))
            kept.append(dict(_BROKEN_OFF))
        if not any(turns[number].attachments for number in numbers):
            message: Json = {"role": role, "content": JOINT.join(storable(turns[n].content) for n in numbers)}
            sent.append(message)
            kept.append(message)
        else:
            parts = [part for number in numbers for part in _parts(turns[number], number, given)]
            sent.append({"role": role, "content": [part for part, _ in parts]})
            kept.append({"role": role, "content": [part for _, part in parts]})
        between = done.get(numbers[-1], ())
        is_open = bool(between)
        sent += between
        kept += between
    return Prompt(sent, kept)


def in_turn(turns: Sequence[Utterance], done: Collection[int] = ()) -> list[list[int]]:
    """Which turns make one message: roles alternate, and a participant begins.

    Many models' templates refuse anything else, and a thread in which an answer was stopped, failed or
    empty would be refused for good. Nothing is said twice or made up: neighbours of one role become one
    message, and turns without anything to see are left out, as are answers before the first question.

    Args:
        turns: Oldest first; the last is the participant's, and stands whatever is in it.
        done: Places after which something else stands: what follows is another message.

    Returns:
        Places in `turns`, for each message those that are joined to it.
    """
    groups: list[list[int]] = []
    for number, turn in enumerate(turns):
        if is_blank(turn.content) and not turn.attachments:
            continue
        if groups and turns[groups[-1][-1]].role == turn.role and groups[-1][-1] not in done:
            groups[-1].append(number)
        elif groups or turn.role == "user":
            groups.append([number])
    is_asked = bool(groups) and turns[groups[-1][-1]].role == "user" and groups[-1][-1] not in done
    if turns and turns[-1].role == "user" and not is_asked:
        groups.append([len(turns) - 1])
    return groups


def _parts(
    turn: Utterance, number: int, given: Mapping[tuple[int, int], tuple[Json, Json]]
) -> list[tuple[Json, Json]]:
    """A turn as parts of a message: its words, then what is attached; each sent and kept."""
    words = [] if is_blank(turn.content) else [(_words(turn.content), _words(turn.content))]
    return words + [given[number, place] for place in range(len(turn.attachments))]


async def _give(turns: Sequence[Utterance]) -> Mapping[tuple[int, int], tuple[Json, Json]]:
    """The part that each attachment becomes, sent and kept: the newest are given room first."""
    given: dict[tuple[int, int], tuple[Json, Json]] = {}
    pictures, picture_bytes, characters = MOST_PICTURES, MOST_PICTURE_BYTES, LONGEST_TEXTS
    for number in range(len(turns) - 1, -1, -1):
        for place, attachment in enumerate(turns[number].attachments):
            part: tuple[Json, Json] | None = None
            if attachment.mime.startswith("image/"):
                size = attachment.path.stat().st_size if attachment.path else 0
                if attachment.path and pictures and size <= picture_bytes:
                    part = await _picture(attachment, attachment.path)
                    pictures, picture_bytes = pictures - 1, picture_bytes - size
            else:
                text = await _text(attachment)
                room = min(LONGEST_TEXT, characters)
                if text is not None and room > 0:
                    part = _quoted(attachment, beginning(text, room) + (_CUT if len(text) > room else ""))
                    characters -= min(len(text), room)
            given[number, place] = part or _noted(attachment)
    return given


async def _picture(attachment: Attachment, path: Path) -> tuple[Json, Json]:
    content = await asyncio.to_thread(path.read_bytes)
    encoded = await asyncio.to_thread(base64.b64encode, content)
    head = f"data:{attachment.mime};base64,"
    return _image(head + encoded.decode()), _image(f"{head}sha256:{attachment.sha256}")


def _image(url: str) -> Json:
    return {"type": "image_url", "image_url": {"url": url}}


async def _text(attachment: Attachment) -> str | None:
    """A file's words; None when it has none, or is gone."""
    if attachment.path is None:
        return None
    if attachment.mime == "application/pdf":
        return await text_of_pdf(attachment.path, attachment.sha256)
    content = await asyncio.to_thread(attachment.path.read_bytes)
    return content.decode("utf-8-sig", "replace")


def _quoted(attachment: Attachment, text: str) -> tuple[Json, Json]:
    part = _words(f"[Attached file: {attachment.name}]\n{text}\n[End of {attachment.name}]")
    return part, part


def _noted(attachment: Attachment) -> tuple[Json, Json]:
    part = _words(f"[Attached file: {attachment.name}. Its content is not given here.]")
    return part, part


def _words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": storable(text)}
