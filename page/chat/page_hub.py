"""Who has which thread open now: every page of a participant that shows it sees the same.

A room is a thread and its owner together, so that a page of somebody else can never be in it. A page
enters when it opens the thread (the guard calls `enter` before Chainlit reads it), or with its first
message in a new one, and leaves when its socket closes.

Whoever changes a thread shows the change through a screen of `ChainlitChat.screen(session)` (or
`PageHub.screen`): `await screen.show(row)`, `.remove(ids)`, `.say(text)`, or `.redraw(thread)` when more
has changed than a few rows. All pages in the room see it, the one that asked among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import structlog
from chainlit.session import WebsocketSession

from page.chat.chainlit_screen import ChainlitScreen
from page.chat.room_screen import RoomScreen
from study.strings import Strings
from web.background import later

log = structlog.get_logger(__name__)

# Pages of one participant on one thread. Nobody has as many; a script that opens more gets no more.
MOST_PAGES: Final = 20

Room: TypeAlias = tuple[str, str]
Told: TypeAlias = tuple[str, Any]

# What a page is told about steps; a thread that is about to be sent takes it up (see `caught_up`).
_DRAWN: Final = frozenset({"new_message", "update_message", "delete_message", "stream_start", "stream_token"})


@dataclass
class _Page:
    """A page in a room.

    Args:
        room: Which.
        session: Chainlit's side of it.
        held: What it is not told yet, because its thread is being read; None when it is told at once.
    """

    room: Room
    session: WebsocketSession
    held: list[Told] | None = None


class PageHub:
    """Knows the pages of each thread, and tells them things."""

    def __init__(self) -> None:
        self._rooms: dict[Room, dict[str, _Page]] = {}
        self._pages: dict[str, _Page] = {}

    def enter(self, session: WebsocketSession, *, reading: bool = False) -> None:
        """A page shows its thread from now on.

        Args:
            session: The page.
            reading: Its thread is about to be read for it: what it is told before that has arrived
                would be drawn over, so it is held back until `open`.
        """
        room = room_of(session)
        page = self._pages.get(session.id)
        if page is not None and page.room != room:
            self.leave(session)
            page = None
        if page is None:
            pages = self._rooms.setdefault(room, {})
            while len(pages) >= MOST_PAGES:
                log.warning("room_full", thread_id=room[1])
                self.leave(next(iter(pages.values())).session)
                pages = self._rooms.setdefault(room, pages)
            page = self._pages[session.id] = pages[session.id] = _Page(room, session)
        page.session = session
        if reading:
            page.held = []

    def leave(self, session: WebsocketSession) -> None:
        """A page is gone, or shows another thread."""
        page = self._pages.pop(session.id, None)
        if page is not None:
            pages = self._rooms[page.room]
            del pages[session.id]
            if not pages:
                del self._rooms[page.room]

    def catch_up(
        self, session: WebsocketSession, thread: dict[str, Any], shown: Sequence[Mapping[str, Any]]
    ) -> None:
        """Bring a thread that is about to be sent to where the room is now.

        Between the read of the database and this moment the room may have been told things.

        Args:
            session: The page that gets it.
            thread: Chainlit's ThreadDict; its steps are changed.
            shown: What grows of the reply that is being given, as it stands on the screens now.
        """
        page = self._pages.get(session.id)
        held = page.held if page is not None and page.held is not None else []
        thread["steps"] = caught_up(thread["steps"], held, shown)
        if page is not None and page.held is not None:
            page.held = [told for told in held if told[0] not in _DRAWN]

    async def open(self, session: WebsocketSession) -> None:
        """The thread has been sent: the page is told what was held back, and everything from now on."""
        page = self._pages.get(session.id)
        while page is not None and page.held:
            await _emit(page.session, *page.held.pop(0))
        if page is not None:
            page.held = None

    async def tell(self, room: Room, event: str, data: Any, but: WebsocketSession | None = None) -> None:
        """Tell every page in a room something, or every page but one."""
        for page in tuple(self._rooms.get(room, {}).values()):
            if but is None or page.session.id != but.id:
                await self._tell(page, event, data)

    async def tell_everywhere(self, participant_id: str, event: str, data: Any) -> None:
        """Tell every page of a participant that has a thread open."""
        for page in tuple(self._pages.values()):
            if page.room[0] == participant_id:
                await self._tell(page, event, data)

    async def tell_page(self, session: WebsocketSession, event: str, data: Any) -> None:
        """Tell one page something, in its turn."""
        page = self._pages.get(session.id)
        if page is None:
            await _emit(session, event, data)
        else:
            await self._tell(page, event, data)

    def tell_next(self, session: WebsocketSession, event: str, data: Any) -> None:
        """Tell a page something as soon as it can be told, without waiting for that."""
        page = self._pages.get(session.id)
        if page is not None and page.held is not None:
            page.held.append((event, data))
        else:
            later(_emit(session, event, data))

    def screen(self, session: WebsocketSession, strings: Strings) -> ChainlitScreen:
        """The screen of a turn: all pages of the thread that a page shows.

        Args:
            session: The page that the turn came from.
            strings: In its participant's language.
        """
        return ChainlitScreen(self, room_of(session), strings, session)

    def screen_of(self, participant_id: str, thread_id: str, strings: Strings) -> RoomScreen | None:
        """A screen of all pages that show a thread; None while none does. For turns of other doors."""
        room = (participant_id, thread_id)
        return RoomScreen(self, room, strings) if room in self._rooms else None

    def __len__(self) -> int:
        """Rooms in which somebody is."""
        return len(self._rooms)

    @staticmethod
    async def _tell(page: _Page, event: str, data: Any) -> None:
        if page.held is not None:
            page.held.append((event, data))
        else:
            await _emit(page.session, event, data)


def room_of(session: WebsocketSession) -> Room:
    """The room that a page belongs in."""
    return (session.user.identifier if session.user else "", session.thread_id)


def caught_up(
    steps: list[dict[str, Any]], held: list[Told], shown: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Draw what was told into steps, as the page would.

    Args:
        steps: As the database has them.
        held: What has been told since.
        shown: What grows of a reply that is being given. Words that were told of one are in it, or in its
            last `new_message`: of the words themselves none is added here, so none can be doubled.
    """
    drawn = {step["id"]: step for step in steps}
    for event, data in held:
        if event == "delete_message":
            _remove(drawn, data["id"])
        elif event in ("new_message", "update_message", "stream_start"):
            drawn[data["id"]] = drawn.get(data["id"], {}) | data
    for step in shown:
        drawn[step["id"]] = drawn.get(step["id"], {}) | dict(step)
    return list(drawn.values())


def _remove(drawn: dict[str, dict[str, Any]], step_id: str) -> None:
    # What hangs under a step goes with it.
    gone = {step_id}
    for step in list(drawn.values()):
        if step["id"] in gone or step.get("parentId") in gone:
            gone.add(step["id"])
            del drawn[step["id"]]


async def _emit(session: WebsocketSession, event: str, data: Any) -> None:
    try:
        # Chainlit awaits it, whatever its types say (session.py:272).
        emit: Any = session.emit
        await emit(event, data)
    except Exception as error:  # A page that is gone must not end the reply of the others.
        log.info("page_not_reached", event_name=event, error_type=type(error).__name__)
