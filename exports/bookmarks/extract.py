"""Where the rows of `bookmarks` come from."""

from data_layer import schema
from exports.beside import extract_beside
from exports.bookmarks.columns import COLUMNS
from exports.scope import Scope
from exports.table import Extract


def extract(scope: Scope) -> Extract:
    """Bookmarks on the exported messages."""
    return extract_beside(scope, schema.bookmarks, COLUMNS, "bookmark_id")
