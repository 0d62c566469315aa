"""Column types that mean the same on SQLite and PostgreSQL."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import JSON, DateTime, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


def iso(moment: datetime) -> str:
    """Write a moment as the record does: UTC, milliseconds, a Z.

    Args:
        moment: Aware; any zone.

    Returns:
        Such as "2026-11-21T04:57:28.123Z", 24 characters; text order is time order.
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    # A third of the time that isoformat takes, and half of format's: a message has five.
    return _ISO % (
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond // 1000,
    )


_ISO: Final = "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"


def is_moment(moment: datetime) -> bool:
    """Whether somebody's moment can be kept: it has a zone, and is one in UTC too."""
    try:
        return moment.tzinfo is not None and moment.astimezone(UTC) is not None
    except OverflowError:
        return False


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC moment to the millisecond: timestamptz on PostgreSQL, ISO text on SQLite.

    SQLite has no time type, and SQLAlchemy's own DateTime gives naive values back from it; text
    of one fixed width sorts, compares and reads well in any tool.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(24))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """The same without TypeDecorator's layers, which took longer than the work: a row has several."""
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Likewise."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _to_text(value)
        _require_zone(value)
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value.astimezone(UTC)
        return moment


def _to_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not UTC:
        _require_zone(value)
    return iso(value)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _require_zone(value: datetime) -> None:
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; the record keeps aware UTC moments")


def dump_json(value: Any) -> str:
    """Serialise for a JSON column: compact, Unicode left as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


JsonColumn = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
