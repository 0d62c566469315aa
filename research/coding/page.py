"""Who has coded what: a coder says that a conversation is done; who assigns sees how far all are."""

from typing import Any, Final

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from research.coding.annotations import AnnotationUndo, answered
from research.coding.progress import own_task
from research.routing import ResearchRequest, ResearchRoutes
from study.roles import Right
from web.problem import HttpProblem

_HAS_CHANGED: Final = (
    "This conversation has changed since your page was loaded. "
    "Load it anew, read what is new, and say it then."
)


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """What is done, what comes next, and everybody's progress."""
    place = "/threads/{thread_id}/annotations"
    return [
        doors.route("/coding", _show, Right.ASSIGN),
        doors.route("/coding/next", _next, Right.ANNOTATE),
        doors.route(f"{place}/done", answered(_done), Right.ANNOTATE, ("POST",)),
        doors.route(f"{place}/not-done", answered(_not_done), Right.ANNOTATE, ("POST",)),
    ]


async def _show(visit: ResearchRequest) -> Response:
    record = visit.room.record
    progress = await record.coding_tasks.progress()
    people = [one for one in await record.researchers.all() if one.researcher_id in progress]
    whole = sum(one.given for one in progress.values()), sum(one.finished for one in progress.values())
    return visit.draw("coding.html", people=people, progress=progress, given=whole[0], finished=whole[1])


async def _next(visit: ResearchRequest) -> Response:
    after, tasks = visit.query("after"), visit.room.record.coding_tasks
    thread_id = await tasks.next_open(visit.researcher.researcher_id, after if is_uuid(after) else None)
    if thread_id is None:
        return visit.moved("/research/threads")
    return visit.moved(f"/research/threads/{thread_id}")


async def _done(visit: ResearchRequest, thread: Row, form: FormData) -> AnnotationUndo:
    # What came while somebody read, or to another tab of theirs, is not on this page: they have not coded it.
    if (seen := form.get("seen")) and seen != await visit.room.record.coding_tasks.reads(thread["thread_id"]):
        raise HttpProblem(409, _HAS_CHANGED)
    await _said(visit, thread, finished=True)
    more = await _parts(visit, thread, form)
    task = await own_task(visit, thread)
    far = f" {task.progress.finished:,} of {task.progress.given:,} done." if task else ""
    return AnnotationUndo(f"Coded.{far}", [], ("not-done", []), more=more)


async def _not_done(visit: ResearchRequest, thread: Row, form: FormData) -> AnnotationUndo:
    await _said(visit, thread, finished=False)
    return AnnotationUndo("It is open again.", [], ("done", []), more=await _parts(visit, thread, form))


async def _said(visit: ResearchRequest, thread: Row, *, finished: bool) -> None:
    record, me = visit.room.record, visit.researcher.researcher_id
    task = await record.coding_tasks.one(thread["thread_id"], me)
    if task is None:
        raise HttpProblem(403, "This conversation is not yours to code. Whoever leads the study assigns it.")
    if not finished and task.finished_at is None:
        return
    await visit.note("coding_finished" if finished else "coding_reopened", thread["thread_id"])
    await record.coding_tasks.finish(thread["thread_id"], me, finished=finished)


async def _parts(visit: ResearchRequest, thread: Row, form: FormData) -> dict[str, Any]:
    """What a script puts in the place of what was said of the thread before."""
    # The messages on their page are those that were there.
    task = await own_task(visit, thread, str(form.get("seen") or "") or None)
    if task is None:
        return {}
    module = visit.room.templates.get_template("task.html").make_module({"csrf": visit.csrf})
    return {
        "task-line": str(module.line(task)),  # type: ignore[attr-defined]  # macros of it
        "task": str(module.whole(task)),  # type: ignore[attr-defined]
    }
