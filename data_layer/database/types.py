"""Column types that mean the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime
from typing import Any

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
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


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

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; the record keeps aware UTC moments")
        if dialect.name == "sqlite":
            return iso(value)
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        moment: datetime = value.astimezone(UTC)
        return moment


def dump_json(value: Any) -> str:
    """Serialise for a JSON column: compact, Unicode left as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


JsonColumn = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
