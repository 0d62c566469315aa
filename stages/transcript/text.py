"""A conversation to keep: Markdown, plain text and JSON, each with every word as it was said.

In Markdown every message stands in a fence of its own. So its text is byte for byte what was said, and no
reader's renderer makes HTML, a link or a picture of it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from data_layer.database.types import iso
from stages.transcript.beside import CopiedForm
from stages.transcript.draw import clock, fence_for
from stages.transcript.entries import Entry
from study.forms.summary import asked_in_line
from study.strings import Strings

# Raised when a name in the JSON changes what it means; docs/how-to/share-and-save.md tells what they mean.
FORMAT: Final = "verbatim-conversation"
FORMAT_VERSION: Final = 1

_MARKS: Final = re.compile(r"([!-/:-@\[-`{-~])")  # all ASCII punctuation may be escaped in Markdown


@dataclass(frozen=True)
class TranscriptConversation:
    """What is saved.

    Args:
        title: The thread's.
        study: The study's title.
        saved_at: When.
        entries: All of it.
    """

    title: str
    study: str
    saved_at: Any
    entries: Sequence[Entry]


def as_text(saved: TranscriptConversation, strings: Strings) -> str:
    """Write it for any reader."""
    head = [_line(saved.title), _line(saved.study), strings("transcript.saved", when=clock(saved.saved_at))]
    parts = []
    for entry in saved.entries:
        parts += [f"\n[{_line(one.words(strings))}]\n" for one in entry.above]
        body = "\n".join([*filter(None, (entry.input, entry.text)), *_notes(entry, strings)])
        parts.append(f"\n[{clock(entry.at)}] {_author(entry, strings)}:\n{body}\n")
        parts += [f"\n[{_line(one.words(strings))}]\n" for one in entry.below]
    return "\n".join([*head, ""]) + "".join(parts)


def as_markdown(saved: TranscriptConversation, strings: Strings) -> str:
    """Write it with headings; the messages themselves stay as they are."""
    head = (
        f"# {_escaped(saved.title)}\n\n{_escaped(saved.study)}  \n"
        f"{_escaped(strings('transcript.saved', when=clock(saved.saved_at)))}\n"
    )
    parts: list[str] = []
    for entry in saved.entries:
        parts.extend(f"\n*{_escaped(one.words(strings))}*\n" for one in entry.above)
        parts.append(f"\n## {_escaped(_author(entry, strings))} · {_escaped(clock(entry.at))}\n")
        for text in filter(None, (entry.input, entry.text)):
            fence = fence_for(text)
            parts.append(f"\n{fence}text\n{text}\n{fence}\n")
        parts.extend(f"\n- {_escaped(line)}\n" for line in _notes(entry, strings))
        parts.extend(f"\n*{_escaped(one.words(strings))}*\n" for one in entry.below)
    return head + "".join(parts)


def as_json(saved: TranscriptConversation, _strings: Strings) -> str:
    """Write it for programs."""
    return json.dumps(
        {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "title": saved.title,
            "study": saved.study,
            "saved_at": iso(saved.saved_at),
            "messages": [_plain(entry) for entry in saved.entries],
        },
        ensure_ascii=False,
        indent=2,
    )


def _plain(entry: Entry) -> dict[str, Any]:
    shape: dict[str, Any] = {"role": entry.role, "author": entry.author or None, "at": iso(entry.at)}
    if entry.role == "step":
        shape["input"] = entry.input
    shape |= {"text": entry.text, "status": entry.status}
    if entry.fallback_for:
        shape["fallback_for"] = entry.fallback_for
    if entry.cut_off:
        shape["cut_off"] = entry.cut_off
    if entry.form:
        asked = [{"question": question, "answer": words} for question, words in entry.form.questions]
        shape["form"] = {"title": entry.form.title or None, "state": entry.form.state, "questions": asked}
    if entry.above or entry.below:
        shape["intents"] = [{"title": one.title, "state": one.state} for one in (*entry.above, *entry.below)]
    if entry.attachments:
        shape["attachments"] = [
            {"name": one.name, "type": one.mime or None, "size_bytes": one.size_bytes}
            for one in entry.attachments
        ]
    return shape


def _notes(entry: Entry, strings: Strings) -> list[str]:
    """What stands under the words: that they break off, a form, and files."""
    breaks_off = [f"[{entry.breaks_off(strings)}]"] if entry.cut_off else []
    breaks_off += [f"[{entry.stepped_in(strings)}]"] if entry.fallback_for else []
    if entry.form is not None:
        breaks_off += _form(entry.form, strings)
    return breaks_off + [strings("transcript.attached", name=_line(one.name)) for one in entry.attachments]


def _form(form: CopiedForm, strings: Strings) -> list[str]:
    """What was asked with a form, and answered."""
    title = [_line(form.title)] if form.title else []
    asked = [
        _line(f"{asked_in_line(label)} {form.answer(words, strings)}") for label, words in form.questions
    ]
    return [*title, *asked, f"[{form.became(strings)}]"]


def _author(entry: Entry, strings: Strings) -> str:
    return strings("transcript.you") if entry.role == "participant" else _line(entry.called(strings))


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", _line(text))
