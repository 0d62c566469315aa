"""datapackage.json: the codebook for programs, as Frictionless Data has it (datapackage.org)."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from exports.columns.column import Column
from exports.columns.field import Field, Kind
from exports.columns.table import ExportTable
from exports.documents.manifest import Manifest, PartitionedTable, TableEntry
from exports.formats.registry import FORMATS_BY_NAME
from exports.options import FORMATS
from study.errors import ExportError

PACKAGE_NAME: Final = "datapackage.json"
_TYPES: Final[Mapping[Kind, str]] = {
    Kind.ID: "string",
    Kind.TEXT: "string",
    Kind.JSON: "string",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "datetime",
    Kind.VECTOR: "array",
}
# A resource's name is a table's in the first of these formats that there is; validators read CSV best.
_PREFERRED: Final = ("csv", "jsonl", "parquet")


def package(tables: Sequence[ExportTable], manifest: Manifest) -> dict[str, Any]:
    """Describe an export.

    Args:
        tables: What was exported.
        manifest: How many rows and which files; its documents are not looked at.
    """
    # What is for office programs says less, and is no part of it.
    formats = [name for name in manifest.options.formats if name in FORMATS]
    main = next(name for name in _PREFERRED if name in formats)
    names = {table.name for table in tables}
    entries = {entry.name: entry for entry in manifest.all_tables}
    return {
        "profile": "data-package",
        "name": "verbatim-export",
        "title": "Conversations recorded by Verbatim",
        "version": str(manifest.format_version),
        "created": manifest.snapshot_at.isoformat().replace("+00:00", "Z"),
        "resources": [
            _resource(table, entries[table.name], name, main, names)
            for name in sorted(formats, key=lambda name: name != main)
            for table in tables
        ],
    }


def columns_in(folder: Path) -> dict[str, tuple[Field, ...]]:
    """The columns of each table, as the export itself describes them.

    Raises:
        ExportError: datapackage.json is missing or broken.
    """
    path = folder / PACKAGE_NAME
    kinds = {name: kind for kind, name in _TYPES.items()} | {"string": Kind.TEXT}
    try:
        resources = json.loads(path.read_bytes())["resources"]
        return {
            _table_of(resource["path"]): tuple(
                Field(field["name"], kinds[field["type"]], field["description"])
                for field in resource["schema"]["fields"]
            )
            for resource in resources
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportError(
            f"{path} cannot be read ({error!r}); it says what the columns are. Export again."
        ) from error


def _table_of(path: str | list[str]) -> str:
    """The table that a file holds, or that several hold together."""
    return Path(path).stem if isinstance(path, str) else Path(path[0]).parts[0]


def _files(entry: TableEntry | PartitionedTable, format_name: str) -> dict[str, Any]:
    """What a resource says of its file, or of its files."""
    if isinstance(entry, PartitionedTable):
        return {"path": [one.path for one in entry.buckets]}
    file = entry.files[format_name]
    return {"path": file.path, "bytes": file.bytes, "hash": f"sha256:{file.sha256}"}


def _resource(
    table: ExportTable, entry: TableEntry | PartitionedTable, format_name: str, main: str, names: set[str]
) -> dict[str, Any]:
    files = _files(entry, format_name)
    resource: dict[str, Any] = {
        "name": table.name if format_name == main else f"{table.name}-{format_name}",
        "type": "table",
        "description": table.description,
        "path": files.pop("path"),
        "format": format_name,
        "mediatype": FORMATS_BY_NAME[format_name].media_type,
        "encoding": "utf-8",
        **files,
        "schema": {
            "fields": [_field(column, format_name) for column in table.columns],
            "primaryKey": list(table.key),
            "missingValues": [""],
        },
    }
    keys = [_foreign_key(table, column, names) for column in table.columns]
    if format_name == main and any(keys):
        resource["schema"]["foreignKeys"] = [key for key in keys if key]
    return resource


def _field(column: Column, format_name: str) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES[column.kind],
        "description": column.description,
        "source": column.source,
    }
    if column.kind is Kind.BOOLEAN and format_name == "csv":
        field |= {"trueValues": ["TRUE"], "falseValues": ["FALSE"]}
    if column.units:
        field["unit"] = column.units
    constraints: dict[str, Any] = {}
    # An empty text is a value of ours, but a missing one to Frictionless.
    if column.required and column.kind not in (Kind.TEXT, Kind.JSON):
        constraints["required"] = True
    if column.levels:
        constraints["enum"] = list(column.levels)
    if constraints:
        field["constraints"] = constraints
    return field


def _foreign_key(table: ExportTable, column: Column, names: set[str]) -> dict[str, Any] | None:
    """The reference of a column, where it is to one table and that was exported."""
    if len(column.references) != 1:
        return None
    target, _, field = column.references[0].partition(".")
    if target not in names:
        return None
    # By the specification a table names itself by an empty text.
    resource = "" if target == table.name else target
    return {"fields": [column.name], "reference": {"resource": resource, "fields": [field]}}
