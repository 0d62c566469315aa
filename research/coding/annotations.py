"""Codes and notes on a thread, its turns and its words: given, changed, taken away and brought back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from data_layer.annotation_shapes import Place
from data_layer.fold_state import is_uuid
from data_layer.review.said import read_messages
from data_layer.threads import thread_row
from data_layer.writes import Row
from research.doors import HEADERS, Doors, Handler, Refused, Visit
from research.marked import Laid
from research.marks import Mark, Marks, marks_of
from study.errors import CodingError, StudyError, WriteRefused
from study.roles import Right
from study.vocabulary import StepType, ThreadState

_NOT_FOUND: Final = (
    "These words cannot be found in the message as it is kept. Load the page anew, or code the whole turn."
)
_GONE: Final = "That is not there any more, or reads otherwise by now. Load the page anew, and try again."


@dataclass(frozen=True)
class Done:
    """A change, and the way back.

    Args:
        said: What was done, for people.
        step_ids: Where; None is the thread itself.
        undo: "remove" or "bring-back", and of which annotations.
    """

    said: str
    step_ids: list[str | None]
    undo: tuple[str, list[str]] | None


Change: TypeAlias = Callable[[Visit, Row, FormData], Awaitable[Done]]


def routes(doors: Doors) -> list[BaseRoute]:
    """A page for who has no script, and what both ways send."""
    annotate, place = Right.ANNOTATE, "/threads/{thread_id}"
    return [
        doors.route(f"{place}/annotate", _form, annotate),
        *(
            doors.route(f"{place}/annotations{name}", _answered(change), annotate, ("POST",))
            for name, change in (
                ("", _put),
                ("/note", _change_note),
                ("/remove", _remove),
                ("/bring-back", _bring_back),
            )
        ),
    ]


async def marks_for(visit: Visit, thread: Row) -> Marks:
    """What somebody sees of the marks of a thread."""
    may = visit.may(Right.ANNOTATE) and thread["state"] != ThreadState.WITHDRAWN.value
    return await marks_of(
        visit.room.record,
        thread["thread_id"],
        visit.researcher.researcher_id,
        sees_all=visit.reads_all,
        may=may,
    )


def undo_of(visit: Visit) -> tuple[str, list[str]] | None:
    """The change that the page was reached by, for who has no script."""
    action, _, ids = visit.query("undo").partition(":")
    known = [one for one in ids.split(",") if is_uuid(one)]
    return (action, known) if action in ("remove", "bring-back") and known else None


def _answered(change: Change) -> Handler:
    """Make a handler: to a script it answers with what is another on the page, to a form with the page."""

    async def handler(visit: Visit) -> Response:
        thread, form = await _thread(visit), await visit.form()
        try:
            done = await change(visit, thread, form)
        except (StudyError, WriteRefused) as error:
            sentence = str(error) if isinstance(error, StudyError) else _GONE
            if form.get("script"):
                return JSONResponse({"problem": sentence}, 400, HEADERS)
            raise Refused(400, sentence) from error
        if form.get("script"):
            return JSONResponse(await _parts(visit, thread, done), headers=HEADERS)
        at = next((one for one in done.step_ids if one), "")
        asked = {"at": at, "undo": f"{done.undo[0]}:{','.join(done.undo[1])}" if done.undo else ""}
        query = urlencode({name: value for name, value in asked.items() if value})
        return visit.moved(f"/research/threads/{thread['thread_id']}?{query}" + (f"#{at}" if at else ""))

    return handler


async def _form(visit: Visit) -> Response:
    thread = await _thread(visit)
    step_id = visit.query("step_id")
    found = await read_messages(visit.room.record.database, thread["thread_id"], [step_id])
    if step_id and not found:
        return visit.not_found("There is no such message.")
    codes = await visit.room.record.codebook.current()
    return visit.draw("annotate.html", thread=thread, step=found[0] if found else None, codes=codes)


async def _put(visit: Visit, thread: Row, form: FormData) -> Done:
    record, who, thread_id = visit.room.record, visit.researcher, thread["thread_id"]
    place = await _place(visit, thread_id, form)
    code_id, note = str(form.get("code_id", "")), str(form.get("note", ""))
    before = {one.annotation_id for one in await record.annotations.of_thread(thread_id)}
    made: list[str] = []
    if code_id:
        made.append(await record.annotations.give_code(place, code_id, who.researcher_id, who.name))
    if note.strip() or not code_id:
        made.append(await record.annotations.write_note(place, note, who.researcher_id, who.name))
    new = [one for one in made if one not in before]
    if not new:
        return Done("You have given this code here already.", [place.step_id], None)
    # Ids alone: a note may quote a participant, and a line of the log cannot be erased.
    details = {"on": place.target.value, **({"code_id": code_id} if code_id else {})}
    await visit.note("annotation_made", thread_id, annotation_ids=new, **details)
    code = await record.codebook.one(code_id) if code_id else None
    return Done(f"Coded “{code.name}”." if code else "Noted.", [place.step_id], ("remove", new))


async def _change_note(visit: Visit, thread: Row, form: FormData) -> Done:
    record, who = visit.room.record, visit.researcher
    old = str(form.get("annotation_id", ""))
    steps = await _steps(visit, thread, [old])
    if not steps:
        raise WriteRefused("there is no such note")
    new = await record.annotations.change_note(old, str(form.get("note", "")), who.researcher_id, who.name)
    if new == old:
        return Done("The note reads so already.", steps, None)
    await visit.note("annotation_changed", thread["thread_id"], annotation_id=new, replaces=old)
    return Done("Changed.", steps, ("bring-back", [old]))


async def _remove(visit: Visit, thread: Row, form: FormData) -> Done:
    ids, steps = await _asked_for(visit, thread, form)
    gone = await visit.room.record.annotations.remove(
        ids, visit.researcher.researcher_id, only_own=not visit.reads_all, thread_id=thread["thread_id"]
    )
    if not gone:
        raise WriteRefused("there is no such annotation")
    await visit.note("annotation_removed", thread["thread_id"], annotation_ids=gone)
    return Done("Removed.", steps, ("bring-back", gone))


async def _bring_back(visit: Visit, thread: Row, form: FormData) -> Done:
    ids, steps = await _asked_for(visit, thread, form)
    back = await visit.room.record.annotations.bring_back(
        ids, visit.researcher.researcher_id, only_own=not visit.reads_all, thread_id=thread["thread_id"]
    )
    if not back:
        raise WriteRefused("there is no such annotation")
    await visit.note("annotation_brought_back", thread["thread_id"], annotation_ids=back)
    return Done("It is back.", steps, ("remove", back))


async def _thread(visit: Visit) -> Row:
    thread_id = visit.path("thread_id")
    thread = (
        await thread_row(visit.room.record.database, thread_id) if await visit.may_read(thread_id) else None
    )
    if thread is None:
        raise Refused(404, "There is no such thread.")
    return thread


async def _place(visit: Visit, thread_id: str, form: FormData) -> Place:
    step_id, exact = str(form.get("step_id", "")), str(form.get("exact", ""))
    if not step_id:
        return Place(thread_id)
    found = await read_messages(visit.room.record.database, thread_id, [step_id])
    if not found:
        raise WriteRefused("there is no such message")
    if not exact.strip():
        return Place(thread_id, step_id)
    start = str(form.get("start", ""))
    step = found[0]
    is_plain = step["type"] == StepType.USER_MESSAGE.value
    at = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 0
    span = Laid(step["output"], is_plain).in_raw(at, exact)
    if span is None:
        raise CodingError(_NOT_FOUND)
    return Place(thread_id, step_id, span, step["revision"])


async def _asked_for(visit: Visit, thread: Row, form: FormData) -> tuple[list[str], list[str | None]]:
    ids = [one for one in str(form.get("annotation_id", "")).split(",") if is_uuid(one)]
    return ids, await _steps(visit, thread, ids)


async def _steps(visit: Visit, thread: Row, ids: list[str]) -> list[str | None]:
    """Where annotations of this thread stand, gone ones too; each place once."""
    places = await visit.room.record.annotations.places(thread["thread_id"], ids)
    return list(dict.fromkeys(places))


async def _parts(visit: Visit, thread: Row, done: Done) -> Row:
    """What a script puts in the place of what is there."""
    thread_id = thread["thread_id"]
    marks = await marks_for(visit, thread)
    module = visit.room.templates.get_template("marks.html").make_module({"csrf": visit.csrf})

    def listed(some: list[Mark]) -> str:
        return str(module.listed(marks, some, thread_id))  # type: ignore[attr-defined]  # a macro of it

    parts = {"marks-thread": listed(marks.of_thread)} if None in done.step_ids else {}
    steps = [one for one in done.step_ids if one]
    for step in await read_messages(visit.room.record.database, thread_id, steps):
        name = step["step_id"]
        parts[f"words-{name}"] = str(marks.words(step))
        parts[f"marks-{name}"] = listed(marks.at(name))
    return {"parts": parts, "said": done.said, "undo": done.undo}
