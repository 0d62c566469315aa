"""Codes and notes on a thread, its turns and its words: given, changed, taken away and brought back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from data_layer.coding.annotation_shapes import AnnotationPlace
from data_layer.coding.swatches import next_colour
from data_layer.conversations.threads import thread_row
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.review.messages import read_messages
from research.coding.highlights import HighlightedText
from research.coding.marks import AnnotationMark, ThreadMarks, marks_of
from research.routing import HEADERS, Handler, ResearchRequest, ResearchRoutes
from study.errors import CodingError, StudyError, WriteRefused
from study.names import normalise_name
from study.numbers import whole_number
from study.reasons import Reason
from study.roles import Right
from study.vocabulary import StepType, ThreadState
from web.problem import HttpProblem, json_problem

_NOT_FOUND: Final = (
    "These words cannot be found in the message as it is kept. Load the page anew, or code the whole turn."
)
_GONE: Final = "That is not there any more, or reads otherwise by now. Load the page anew, and try again."


@dataclass(frozen=True)
class AnnotationUndo:
    """A change, and the way back.

    Args:
        said: What was done, for people.
        step_ids: Where; None is the thread itself.
        undo: "remove" or "bring-back", and of which annotations; "done" or "not-done" (page.py).
        new_code: Whether the codebook has another code by it.
        more: Other parts of the page that a script puts in the place of what is there, by their names.
    """

    said: str
    step_ids: list[str | None]
    undo: tuple[str, list[str]] | None
    new_code: bool = False
    more: Row = field(default_factory=dict)


Change: TypeAlias = Callable[[ResearchRequest, Row, FormData], Awaitable[AnnotationUndo]]


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """A page for who has no script, and what both ways send."""
    annotate, place = Right.ANNOTATE, "/threads/{thread_id}"
    return [
        doors.route(f"{place}/annotate", _form, annotate),
        *(
            doors.route(f"{place}/annotations{name}", answered(change), annotate, ("POST",))
            for name, change in (
                ("", _put),
                ("/note", _change_note),
                ("/remove", _remove),
                ("/bring-back", _bring_back),
            )
        ),
    ]


async def marks_for(visit: ResearchRequest, thread: Row) -> ThreadMarks:
    """What somebody sees of the marks of a thread."""
    may = visit.may(Right.ANNOTATE) and thread["state"] != ThreadState.WITHDRAWN.value
    return await marks_of(
        visit.room.record,
        thread["thread_id"],
        visit.researcher.researcher_id,
        sees_all=visit.reads_all,
        may=may,
    )


def undo_of(visit: ResearchRequest) -> tuple[str, list[str]] | None:
    """The change that the page was reached by, for who has no script."""
    action, _, ids = visit.query("undo").partition(":")
    known = [one for one in ids.split(",") if is_uuid(one)]
    return (action, known) if action in ("remove", "bring-back") and known else None


def answered(change: Change) -> Handler:
    """Make a handler: to a script it answers with what is another on the page, to a form with the page."""

    async def handler(visit: ResearchRequest) -> Response:
        thread, form = await _thread(visit), await visit.form()
        try:
            done = await change(visit, thread, form)
        except HttpProblem as refused:
            if form.get("script"):
                return json_problem(refused.status, refused.text, HEADERS)
            raise
        except (StudyError, WriteRefused) as error:
            sentence = str(error) if isinstance(error, StudyError) else _GONE
            if form.get("script"):
                return json_problem(400, sentence, HEADERS)
            raise HttpProblem(400, sentence) from error
        if form.get("script"):
            return JSONResponse(await _parts(visit, thread, done), headers=HEADERS)
        at = next((one for one in done.step_ids if one), "")
        if done.more:
            return visit.moved(f"/research/threads/{thread['thread_id']}#task")
        asked = {"at": at, "undo": f"{done.undo[0]}:{','.join(done.undo[1])}" if done.undo else ""}
        query = urlencode({name: value for name, value in asked.items() if value})
        return visit.moved(f"/research/threads/{thread['thread_id']}?{query}" + (f"#{at}" if at else ""))

    return handler


async def _form(visit: ResearchRequest) -> Response:
    thread = await _thread(visit)
    step_id = visit.query("step_id")
    found = await read_messages(visit.room.record.read_database, thread["thread_id"], [step_id])
    if step_id and not found:
        return visit.not_found("There is no such message.")
    codes = await visit.room.record.codebook.current()
    return visit.draw("annotate.html", thread=thread, step=found[0] if found else None, codes=codes)


async def _put(visit: ResearchRequest, thread: Row, form: FormData) -> AnnotationUndo:
    record, who, thread_id = visit.room.record, visit.researcher, thread["thread_id"]
    place = await _place(visit, thread_id, form)
    code_id, note = str(form.get("code_id", "")), str(form.get("note", ""))
    name = str(form.get("new_code", "")).strip()
    is_new = False
    if name and not code_id:
        code_id, is_new = await _named(visit, name)
    before = {one.annotation_id for one in await record.annotations.of_thread(thread_id)}
    made: list[str] = []
    if code_id:
        made.append(await record.annotations.give_code(place, code_id, who.researcher_id, who.name))
    if note.strip() or not code_id:
        made.append(await record.annotations.write_note(place, note, who.researcher_id, who.name))
    new = [one for one in made if one not in before]
    if not new:
        return AnnotationUndo("You have given this code here already.", [place.step_id], None, is_new)
    # Ids alone: a note may quote a participant, and a line of the log cannot be erased.
    details = {"on": place.target.value, **({"code_id": code_id} if code_id else {})}
    await visit.note("annotation_made", thread_id, annotation_ids=new, **details)
    code = await record.codebook.one(code_id) if code_id else None
    said = f"{'New in the codebook, and coded' if is_new else 'Coded'} “{code.name}”." if code else "Noted."
    return AnnotationUndo(said, [place.step_id], ("remove", new), is_new)


async def _named(visit: ResearchRequest, name: str) -> tuple[str, bool]:
    """The code that bears a name: one that lives, or a new one, which waits for its definition.

    Returns:
        Its id, and whether it is new.
    """
    codebook, who = visit.room.record.codebook, visit.researcher
    key = normalise_name(name).key
    living = await codebook.current()
    for code in living:
        if normalise_name(code.name).key == key:
            return code.code_id, False
    if not visit.may(Right.CODEBOOK):
        raise CodingError(f"A {who.role} may not add codes. Whoever leads the study adds them.")
    code = await codebook.add(name, "", next_colour(living), who.researcher_id, who.name)
    await visit.note("code_added", code.code_id, version=code.version)
    return code.code_id, True


async def _change_note(visit: ResearchRequest, thread: Row, form: FormData) -> AnnotationUndo:
    record, who = visit.room.record, visit.researcher
    old = str(form.get("annotation_id", ""))
    steps = await _steps(visit, thread, [old])
    if not steps:
        raise WriteRefused(Reason.NO_NOTE)
    new = await record.annotations.change_note(old, str(form.get("note", "")), who.researcher_id, who.name)
    if new == old:
        return AnnotationUndo("The note reads so already.", steps, None)
    await visit.note("annotation_changed", thread["thread_id"], annotation_id=new, replaces=old)
    return AnnotationUndo("Changed.", steps, ("bring-back", [old]))


async def _remove(visit: ResearchRequest, thread: Row, form: FormData) -> AnnotationUndo:
    ids, steps = await _asked_for(visit, thread, form)
    gone = await visit.room.record.annotations.remove(
        ids, visit.researcher.researcher_id, only_own=not visit.reads_all, thread_id=thread["thread_id"]
    )
    if not gone:
        raise WriteRefused(Reason.NO_ANNOTATION)
    await visit.note("annotation_removed", thread["thread_id"], annotation_ids=gone)
    return AnnotationUndo("Removed.", steps, ("bring-back", gone))


async def _bring_back(visit: ResearchRequest, thread: Row, form: FormData) -> AnnotationUndo:
    ids, steps = await _asked_for(visit, thread, form)
    back = await visit.room.record.annotations.bring_back(
        ids, visit.researcher.researcher_id, only_own=not visit.reads_all, thread_id=thread["thread_id"]
    )
    if not back:
        raise WriteRefused(Reason.NO_ANNOTATION)
    await visit.note("annotation_brought_back", thread["thread_id"], annotation_ids=back)
    return AnnotationUndo("It is back.", steps, ("remove", back))


async def _thread(visit: ResearchRequest) -> Row:
    thread_id = visit.path("thread_id")
    thread = (
        await thread_row(visit.room.record.read_database, thread_id)
        if await visit.may_read(thread_id)
        else None
    )
    if thread is None:
        raise HttpProblem(404, "There is no such thread.")
    return thread


async def _place(visit: ResearchRequest, thread_id: str, form: FormData) -> AnnotationPlace:
    step_id, exact = str(form.get("step_id", "")), str(form.get("exact", ""))
    if not step_id:
        return AnnotationPlace(thread_id)
    found = await read_messages(visit.room.record.read_database, thread_id, [step_id])
    if not found:
        raise WriteRefused(Reason.NO_MESSAGE)
    if not exact.strip():
        return AnnotationPlace(thread_id, step_id)
    step = found[0]
    is_plain = step["type"] == StepType.USER_MESSAGE.value
    at = whole_number(str(form.get("start", ""))) or 0
    span = HighlightedText(step["output"], is_plain).in_raw(at, exact)
    if span is None:
        raise CodingError(_NOT_FOUND)
    return AnnotationPlace(thread_id, step_id, span, step["revision"])


async def _asked_for(
    visit: ResearchRequest, thread: Row, form: FormData
) -> tuple[list[str], list[str | None]]:
    ids = [one for one in str(form.get("annotation_id", "")).split(",") if is_uuid(one)]
    return ids, await _steps(visit, thread, ids)


async def _steps(visit: ResearchRequest, thread: Row, ids: list[str]) -> list[str | None]:
    """Where annotations of this thread stand, gone ones too; each place once."""
    places = await visit.room.record.annotations.places(thread["thread_id"], ids)
    return list(dict.fromkeys(places))


async def _parts(visit: ResearchRequest, thread: Row, done: AnnotationUndo) -> Row:
    """What a script puts in the place of what is there."""
    thread_id = thread["thread_id"]
    marks = await marks_for(visit, thread)
    module = visit.room.templates.get_template("marks.html").make_module({"csrf": visit.csrf})

    def listed(some: list[AnnotationMark]) -> str:
        return str(module.listed(marks, some, thread_id))  # type: ignore[attr-defined]  # a macro of it

    parts = {"marks-thread": listed(marks.of_thread)} if None in done.step_ids else {}
    parts["legend"] = str(module.legend(marks))  # type: ignore[attr-defined]
    if done.new_code:
        parts["palette-codes"] = str(module.choices(marks.codes))  # type: ignore[attr-defined]
    steps = [one for one in done.step_ids if one]
    for step in await read_messages(visit.room.record.read_database, thread_id, steps):
        name = step["step_id"]
        parts[f"words-{name}"] = str(marks.words(step))
        parts[f"marks-{name}"] = listed(marks.at(name))
    return {"parts": parts | done.more, "said": done.said, "undo": done.undo}
