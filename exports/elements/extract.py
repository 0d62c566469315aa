"""Where the rows of `elements` come from."""

from data_layer import schema
from exports.beside import extract_beside
from exports.elements.columns import COLUMNS
from exports.scope import Scope
from exports.table import Extract


def extract(scope: Scope) -> Extract:
    """What was shown beside the exported messages."""
    return extract_beside(scope, schema.elements, COLUMNS, "element_id")
