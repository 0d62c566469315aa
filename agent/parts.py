"""What a model gets of a conversation with attachments: content parts of OpenAI's chat completions.

Messages without attachments stay plain text. What is sent and what is kept of it differ in one thing: in
the kept prompt the reference "sha256:<digest of the file>" stands in place of a picture's bytes.
"""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.base import Attachment, Json, Utterance
from agent.pdf_text import text_of_pdf

# Of all pictures in a conversation the newest ones are sent, until one of the two is reached.
MOST_PICTURES: Final = 8
MOST_PICTURE_BYTES: Final = 20_000_000
# Characters of one file, and of all files in a prompt, the newest first.
LONGEST_TEXT: Final = 40_000
LONGEST_TEXTS: Final = 120_000

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


async def prompt_of(system: Sequence[Json], turns: Sequence[Utterance]) -> Prompt:
    """Write a conversation as messages.

    Args:
        system: What stands before it.
        turns: Oldest first.
    """
    given = await _give(turns)
    sent, kept = list(system), list(system)
    for number, turn in enumerate(turns):
        if not turn.attachments:
            message: Json = {"role": turn.role, "content": turn.content}
            sent.append(message)
            kept.append(message)
            continue
        words: list[Json] = [{"type": "text", "text": turn.content}] if turn.content.strip() else []
        parts = [given[number, place] for place in range(len(turn.attachments))]
        sent.append({"role": turn.role, "content": words + [part for part, _ in parts]})
        kept.append({"role": turn.role, "content": words + [part for _, part in parts]})
    return Prompt(sent, kept)


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
                    part = _quoted(attachment, text[:room] + (_CUT if len(text) > room else ""))
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
    return {"type": "text", "text": text}
