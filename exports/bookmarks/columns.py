"""The columns of `bookmarks`."""

from exports.column import Column, Kind
from exports.common import deleted, key, participant_id, seq, thread_id, time

COLUMNS = (
    key("bookmark_id", "The bookmark.", "bookmarks.bookmark_id"),
    thread_id("bookmarks"),
    Column(
        "message_id",
        Kind.ID,
        "The message that was marked.",
        "bookmarks.message_id",
        references=("messages.message_id",),
        required=True,
    ),
    participant_id("bookmarks", "Who marked it."),
    seq("bookmarks"),
    time("created_at", "When it was marked.", "bookmarks.created_at", required=True),
    *deleted("bookmarks", "bookmark", by=False, because=False),
)
