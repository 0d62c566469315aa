"""Threads that make room: of a participant's with one agent, no more than so many stand in the list."""

from collections import defaultdict
from typing import Final

from data_layer.database.rows import Row
from demo.sheet import Sheet, new_id

# Of those that are archived, how many are brought back.
_BACK: Final = 0.15


class DemoArchive:
    """Archives the thread that was untouched longest when another begins.

    Args:
        most: How many stand in the list at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._listed: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)

    def make_room(self, sheet: Sheet, thread: Row) -> None:
        """A thread begins.

        Args:
            sheet: Its own.
            thread: Its row.
        """
        listed = self._listed[thread["participant_id"], thread["agent"]]
        # One that was left open for hours may not have ended yet.
        living = [one for one in listed if one["deleted_at"] is None and one["last_activity_at"] < sheet.now]
        listed.append(thread)
        if len(living) < self._most:
            return
        longest = min(living, key=lambda one: one["last_activity_at"])
        sheet.tick()
        longest |= {"archived_at": sheet.now, "version": sheet.order}
        made_for = {"for": thread["thread_id"]}
        sheet.event(longest, "thread_archived", longest["thread_id"], made_for, new_id(sheet.beside))
        listed.remove(longest)
        if sheet.beside.random() < _BACK:
            sheet.clock += 60_000
            longest |= {"archived_at": None, "version": sheet.order}
            sheet.event(longest, "thread_unarchived", longest["thread_id"], None, new_id(sheet.beside))
        sheet.tick()
