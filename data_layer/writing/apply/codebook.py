"""What a write does to the codebook and to the annotations."""

from typing import Any, Final

from sqlalchemy import insert, select, text
from sqlalchemy.engine import Connection

from data_layer import schema
from data_layer.fold_state import State
from data_layer.statements import RowQueue
from data_layer.writes import PutAnnotation, PutCode, Row
from study.errors import WriteRefused
from study.vocabulary import ThreadState

NAME_TAKEN: Final = "another living code bears this name"
NOTHING_NEW: Final = "the code reads so already"

# Two processes must not give one version twice (as in audit_chain.py). The number is any that is no other's.
_ALONE: Final = {
    "sqlite": text("UPDATE codes SET codebook_version = codebook_version WHERE codebook_version < 0"),
    "postgresql": text("SELECT pg_advisory_xact_lock(7312)"),
}
_SAID: Final = ("name", "name_key", "definition", "colour")


def put_code(connection: Connection, write: PutCode) -> None:
    """Give the codebook its next version, in the transaction that is open.

    Raises:
        WriteRefused: The name is taken, the code is not there, or nothing is new.
    """
    connection.execute(_ALONE[connection.dialect.name])
    table = schema.codes
    # A codebook has some hundred versions at most: it is read whole.
    rows = connection.execute(select(table).order_by(table.c.codebook_version)).mappings()
    newest: dict[str, Row] = {row["code_id"]: dict(row) for row in rows}
    before = newest.pop(write.code_id, None)
    if (before is None) is not write.creates:
        raise WriteRefused("there is such a code already" if write.creates else "there is no such code")
    said = {name: write.changes.get(name, before[name] if before else None) for name in _SAID}
    if before is not None and _is_same(before, said, write.retired):
        raise WriteRefused(NOTHING_NEW)
    living = (row["name_key"] for row in newest.values() if row["retired_at"] is None)
    if not write.retired and said["name_key"] in living:
        raise WriteRefused(NAME_TAKEN)
    version = 1 + max([row["codebook_version"] for row in (*newest.values(), before) if row], default=0)
    row: dict[str, Any] = {
        "code_id": write.code_id,
        "codebook_version": version,
        **said,
        "researcher_id": write.researcher_id,
        "author": write.author,
        "created_at": write.at,
        "retired_at": write.at if write.retired else None,
    }
    connection.execute(insert(table), row)


def put_annotation(state: State, rows: RowQueue, write: PutAnnotation) -> None:
    """Add an annotation; the one that it replaces is gone.

    Raises:
        WriteRefused: There is no such thread, or nothing may be written to it.
    """
    row = write.row
    thread = state.threads.get(row["thread_id"])
    if thread is None or thread["state"] == ThreadState.WITHDRAWN.value:
        raise WriteRefused("there is no such thread")
    rows.insert("annotations", row)
    if row.get("replaces") is not None:
        gone = {"deleted_at": row["created_at"], "deleted_by": row["researcher_id"]}
        rows.patch("annotations", {"annotation_id": row["replaces"]}, gone, "deleted_at")


def _is_same(before: Row, said: Row, retired: bool) -> bool:
    same = all(before[name] == said[name] for name in _SAID)
    return same and (before["retired_at"] is not None) is retired
