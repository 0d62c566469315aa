"""The table `bookmarks`."""

from exports.bookmarks.columns import COLUMNS
from exports.bookmarks.extract import extract
from exports.table import Table

TABLE = Table(
    name="bookmarks",
    description="Messages that participants marked to find them again; one row a bookmark.",
    columns=COLUMNS,
    key=("bookmark_id",),
    extract=extract,
)
