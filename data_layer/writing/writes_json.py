"""A write as JSON can hold it, so that it can wait in the journal."""

import dataclasses
from datetime import UTC, datetime
from typing import Any, Final, get_args

from data_layer.database.rows import Row
from data_layer.writing.writes import Write

_KINDS: Final[dict[str, type]] = {kind.__name__: kind for kind in get_args(Write)}


def to_json(write: Write) -> Row:
    """A write as JSON can hold it."""
    fields = {f.name: _encode(getattr(write, f.name)) for f in dataclasses.fields(write)}
    return {"kind": type(write).__name__, "fields": fields}


def from_json(value: Row) -> Write:
    """A write as the journal kept it.

    Raises:
        KeyError: The kind is not one of ours.
    """
    kind = _KINDS[value["kind"]]
    write: Write = kind(**{name: _decode(item) for name, item in value["fields"].items()})
    return write


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$time": value.astimezone(UTC).isoformat()}
    if isinstance(value, dict):
        return {"$map": [[key, _encode(item)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"$tuple": [_encode(item) for item in value]}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$time" in value:
        return datetime.fromisoformat(value["$time"])
    if "$tuple" in value:
        return tuple(_decode(item) for item in value["$tuple"])
    return {key: _decode(item) for key, item in value["$map"]}
