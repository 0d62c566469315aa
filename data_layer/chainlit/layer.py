"""Chainlit's data layer over the record.

Chainlit fires its writes as tasks that nobody awaits and whose errors nobody sees (message.py:113,
step.py:343): nothing here raises at a write. Each takes its order in its first synchronous stretch,
before Chainlit's queue may hold it back until the participant's first message, so that a greeting
stands before the message that released it.
"""

import asyncio
import contextlib
import contextvars
import functools
from collections.abc import Callable, Collection, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog
from chainlit.context import context
from chainlit.data import queue_until_user_message
from chainlit.data.base import BaseDataLayer
from chainlit.element import Element, ElementDict
from chainlit.step import StepDict
from chainlit.types import Feedback, PageInfo, PaginatedResponse, Pagination, ThreadDict, ThreadFilter
from chainlit.user import PersistedUser, User

from data_layer.chainlit import shapes
from data_layer.conversations import intents, threads
from data_layer.conversations.branches import marks
from data_layer.conversations.elements import element_row
from data_layer.conversations.paging import read_window
from data_layer.database.types import iso
from data_layer.record import Record
from data_layer.writing.writes import (
    DeleteSteps,
    DeleteThread,
    InsertRow,
    MergeThreadMetadata,
    PatchRow,
    PutStep,
    PutThread,
    RenameThread,
    Write,
)
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import StepType

log = structlog.get_logger(__name__)
T = TypeVar("T")

_only_the_owner: contextvars.ContextVar[bool] = contextvars.ContextVar("only_the_owner", default=False)


@contextlib.contextmanager
def only_the_owner() -> Iterator[None]:
    """Within it, get_thread says whose a thread is and no more.

    A page that connects reads its thread twice; at first Chainlit looks at nothing else (socket.py:163).
    """
    token = _only_the_owner.set(True)
    try:
        yield
    finally:
        _only_the_owner.reset(token)


def _after_first_message(
    method: Callable[..., Coroutine[Any, Any, None]],
) -> Callable[..., Coroutine[Any, Any, None]]:
    """Chainlit's queue_until_user_message, which fails where no page is being served; then at once."""
    queued: Callable[..., Coroutine[Any, Any, None]] = queue_until_user_message()(method)

    @functools.wraps(method)
    async def call(self: "ChainlitLayer", *arguments: Any) -> None:
        await (method if _session() is None else queued)(self, *arguments)

    return call


class ChainlitLayer(BaseDataLayer):
    """What Chainlit reads and writes.

    Args:
        record: The record.
        current_participant: The participant_id of the HTTP request that is being served, for
            Chainlit's routes that do not say whose request it is (server.py:914, 948).
        offered: The names of the agents that can be chosen; None for any.
    """

    def __init__(
        self,
        record: Record,
        current_participant: Callable[[], str | None],
        offered: Collection[str] | None = None,
    ) -> None:
        self._record = record
        self._current_participant = current_participant
        self._offered = offered

    async def get_user(self, identifier: str) -> PersistedUser | None:
        """The participant behind a cookie. The identifier is the pseudonym, never a name."""
        moment = await self._record.known_since(identifier)
        if moment is None:
            return None
        return PersistedUser(id=identifier, createdAt=iso(moment), identifier=identifier)

    async def create_user(self, user: User) -> PersistedUser | None:
        """The participant, who is there already: our own sign-in makes participants, nobody else."""
        return await self.get_user(user.identifier)

    async def create_step(self, step_dict: StepDict) -> None:
        """Keep a new step; a row that an update has made already only gets its gaps filled."""
        await self._put(step_dict, self._record.take_order(), True)

    async def update_step(self, step_dict: StepDict) -> None:
        """Keep a step as it now stands."""
        await self._put(step_dict, self._record.take_order(), False)

    async def delete_step(self, step_id: str) -> None:
        """Take a step off the screen."""
        await self._remove(step_id, self._record.take_order())

    async def create_element(self, element: Element) -> None:
        """Keep an element; its file is read at once, for it goes with the session or with its maker."""
        order = self._record.take_order()
        content = await self._safely("element_file", lambda: _content_of(element))
        await self._put_element(element, order, content)

    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:
        """Take an element off the screen."""
        await self._remove_element(element_id, thread_id)

    @_after_first_message
    async def _put(self, step: StepDict, order: int, creates: bool) -> None:
        await self._safely("step", lambda: self._submit(order, *self._step_writes(step, order, creates)))

    @_after_first_message
    async def _remove(self, step_id: str, order: int) -> None:
        write = DeleteSteps((step_id,), self._record.now(), "removed", by=_session_participant())
        await self._safely("delete_step", lambda: self._submit(order, write))

    @_after_first_message
    async def _put_element(self, element: Element, order: int, content: bytes | None) -> None:
        by, row = _session_participant() or self._current_participant(), shapes.element_from_chainlit(element)
        await self._safely("element", lambda: self._record.elements.put(by, order, row, content))

    @_after_first_message
    async def _remove_element(self, element_id: str, thread_id: str | None) -> None:
        by = _session_participant() or self._current_participant()
        await self._safely("delete_element", lambda: self._record.elements.delete(by, element_id, thread_id))

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        """An element of a thread; Chainlit has checked the thread's author."""
        row = await element_row(self._record.database, element_id)
        owner = await threads.owner_of(self._record.database, thread_id)
        if row is None or owner is None or row["thread_id"] != thread_id or row["deleted_at"] is not None:
            return None
        return cast(ElementDict, shapes.element_dict(row))

    async def upsert_feedback(self, feedback: Feedback) -> str:
        """Refuse: ratings come by a route of our own (page/me/marks.py).

        Raises:
            WriteRefused: Always.
        """
        raise WriteRefused(Reason.RATINGS_ELSEWHERE)

    async def delete_feedback(self, feedback_id: str) -> bool:
        """Refuse, as upsert_feedback.

        Raises:
            WriteRefused: Always.
        """
        raise WriteRefused(Reason.RATINGS_ELSEWHERE)

    async def get_thread_author(self, thread_id: str) -> str:
        """Whose thread it is; empty when there is none, which Chainlit answers with 404.

        Empty for another participant's as well: 401, its answer to that, would tell what exists.
        """
        owner = await threads.owner_of(self._record.database, thread_id)
        return owner if owner is not None and owner == (self._current_participant() or owner) else ""

    async def delete_thread(self, thread_id: str) -> None:
        """Take a thread off the list."""
        await self._submit_one(DeleteThread(thread_id, self._record.now(), self._current_participant()))

    async def list_threads(
        self, pagination: Pagination, filters: ThreadFilter
    ) -> PaginatedResponse[ThreadDict]:
        """A page of the sidebar. `createdAt` is the participant's last activity: the page sorts by it."""
        if not filters.userId:
            return PaginatedResponse(PageInfo(False, None, None), [])
        page = await threads.list_page(
            self._record.database,
            filters.userId,
            first=pagination.first,
            cursor=pagination.cursor,
            search=filters.search or "",
        )
        rows = [shapes.thread_row_dict(row, filters.userId) for row in page.threads]
        data = cast(list[ThreadDict], rows)
        return PaginatedResponse(PageInfo(page.next_cursor is not None, None, page.next_cursor), data)

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        """A thread as its page shows it: the newest messages; the page asks for earlier ones itself."""
        if _only_the_owner.get():
            owner = await threads.owner_of(self._record.database, thread_id)
            return cast(ThreadDict, {"id": thread_id, "userIdentifier": owner}) if owner else None
        record = await read_window(self._record.database, thread_id)
        if record is None:
            return None
        # What this participant does next stands after it, also when another machine wrote it.
        self._record.writer.order.start_after(record.thread["version"])
        marked = await marks(self._record.database, thread_id)
        # Most conversations have no intents, and ask for none.
        has_some = any(step["intent_id"] for step in record.steps)
        shown = await intents.shown(self._record.database, thread_id) if has_some else None
        thread = shapes.thread_dict(record, marked, shown)
        if self._offered is not None and thread["metadata"].get("chat_profile") not in self._offered:
            # The study had it once: Chainlit's page stays white on a profile that it was not told of.
            thread["metadata"].pop("chat_profile", None)
        return cast(ThreadDict, thread)

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        """The three things that Chainlit means by it: emitter.py:248, server.py:1198, socket.py:77."""
        now = self._record.now()
        # A flush comes from a socket; a rename comes by HTTP, where no socket is being served.
        owner = user_id or (_session_participant() if name is not None else None)
        kept_tags = tuple(tags) if tags is not None else None
        if owner is not None:
            write: Write = PutThread(thread_id, owner, now, name or "", tags=kept_tags)
        elif name is not None:
            write = RenameThread(thread_id, name, now, self._current_participant())
        else:
            write = MergeThreadMetadata(thread_id, metadata or {}, now, kept_tags)
        await self._submit_one(write)

    async def build_debug_url(self) -> str:
        """There is no other place to look at a thread."""
        return ""

    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:
        """None: `features.favorites` is off in .chainlit/config.toml."""
        return []

    async def close(self) -> None:
        """Flush and let go."""
        await self._record.close()

    def _step_writes(self, step: StepDict, order: int, creates: bool) -> list[Write]:
        now, session = self._record.now(), _session()
        if step.get("type") == StepType.RUN.value:
            row = shapes.run_row(step, now)
            row |= {"seq": order, "process_id": self._record.writer.process_id}
            ended = {str(name): row[name] for name in ("status", "ended_at", "error_message") if name in row}
            insert = InsertRow("runs", row)
            if creates or "ended_at" not in row:
                return [insert]
            return [insert, PatchRow("runs", {"run_id": row["run_id"]}, ended, "ended_at")]
        row = shapes.step_from_chainlit(step)
        row["connection_id"] = self._record.connections.id_of(str(getattr(session, "socket_id", "")))
        return [PutStep(row, now, _participant_of(session), creates)]

    async def _submit(self, order: int, *writes: Write) -> None:
        orders = [order + place for place in range(len(writes))]
        await self._record.writer.submit(*writes, orders=orders)

    async def _submit_one(self, write: Write) -> None:
        await self._safely("thread", lambda: self._submit(self._record.take_order(), write))

    async def _safely(self, what: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
        """Run a write whose errors Chainlit would swallow or break on: log them, count them."""
        try:
            return await work()
        except WriteRefused as refusal:
            self._record.refused(what, str(refusal), _session_participant())
        except Exception as error:  # Whatever it is, Chainlit must go on, and we must hear of it.
            self._record.writer.health.failed += 1
            log.exception("layer_failed", what=what, error_type=type(error).__name__)
        return None


async def _content_of(element: Element) -> bytes | None:
    content = element.content
    if content is None and element.path:
        return await asyncio.to_thread(Path(element.path).read_bytes)
    return content.encode(errors="replace") if isinstance(content, str) else content


def _session() -> Any:
    """The page that is being served, when one is."""
    try:
        return context.session
    except Exception:  # Chainlit has no context outside its callbacks, and says so by raising.
        return None


def _session_participant() -> str | None:
    """The participant of the page that is being served, when one is."""
    return _participant_of(_session())


def _participant_of(session: Any) -> str | None:
    user = getattr(session, "user", None)
    return user.identifier if user else None
