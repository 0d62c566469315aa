"""What a write does to the codebook and to the annotations."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import func, insert, select, text
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.advisory_lock import AdvisoryLock
from data_layer.database.rows import Row
from data_layer.writing.coding_writes import FinishCoding, PutAnnotation, PutCode
from data_layer.writing.state import State
from data_layer.writing.statements import RowQueue
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import ThreadState

# Two processes must not give one version twice (as in audit_chain.py). The number is any that is no other's.
_ALONE: Final = {
    "sqlite": text("UPDATE codes SET codebook_version = codebook_version WHERE codebook_version < 0"),
    "postgresql": text(f"SELECT pg_advisory_xact_lock({AdvisoryLock.CODEBOOK})"),
}
_SAID: Final = ("name", "name_key", "definition", "colour", "parent_id", "place")


def put_code(connection: Connection, write: PutCode) -> None:
    """Give the codebook its next version, in the transaction that is open.

    Raises:
        WriteRefused: The name is taken, the code or its parent is not there, it would stand under itself,
            or nothing is new.
    """
    connection.execute(_ALONE[connection.dialect.name])
    table = schema.codes
    # A codebook has some hundred versions at most: it is read whole.
    rows = connection.execute(select(table).order_by(table.c.codebook_version)).mappings()
    newest: dict[str, Row] = {row["code_id"]: dict(row) for row in rows}
    before = newest.pop(write.code_id, None)
    if (before is None) is not write.creates:
        raise WriteRefused(Reason.CODE_THERE if write.creates else Reason.NO_CODE)
    said = {name: write.changes.get(name, before[name] if before else None) for name in _SAID}
    if before is not None and _is_same(before, said, write.retired):
        raise WriteRefused(Reason.NOTHING_NEW)
    living = (row["name_key"] for row in newest.values() if row["retired_at"] is None)
    if not write.retired and said["name_key"] in living:
        raise WriteRefused(Reason.NAME_TAKEN)
    # What stood there already may stay: also under a code that was retired since.
    if said["parent_id"] != (before["parent_id"] if before else None):
        _check_parent(write.code_id, said["parent_id"], newest)
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
        raise WriteRefused(Reason.NO_THREAD)
    rows.insert("annotations", row)
    if row.get("replaces") is not None:
        gone = {"deleted_at": row["created_at"], "deleted_by": row["researcher_id"]}
        rows.patch("annotations", {"annotation_id": row["replaces"]}, gone, "deleted_at")


def finish_coding(connection: Connection, state: State, rows: RowQueue, write: FinishCoding) -> None:
    """A coder has coded a thread, or has not after all.

    Raises:
        WriteRefused: The thread is not theirs to code, there is no such thread, or it was not done.
    """
    thread = state.threads.get(write.thread_id)
    if thread is None or thread["state"] == ThreadState.WITHDRAWN.value:
        raise WriteRefused(Reason.NO_THREAD)
    task = state.tasks.get((write.thread_id, write.researcher_id))
    if task is None:
        raise WriteRefused(Reason.NOT_THEIRS_TO_CODE)
    if write.finished:
        version = connection.scalar(select(func.max(schema.codes.c.codebook_version))) or 0
        said = {"finished_at": write.at, "codebook_version": version}
    elif task["finished_at"] is None:
        raise WriteRefused(Reason.NOT_SAID_TO_BE_CODED)
    else:
        said = {"finished_at": None, "codebook_version": None, "reopened_at": write.at}
    task |= said
    # What was taken back since it was loaded, by another process or in this batch, stays as it was then.
    rows.patch("coding_assignments", {"assignment_id": task["assignment_id"]}, said, "ended_at")


def _check_parent(code_id: str, parent_id: str | None, others: Mapping[str, Row]) -> None:
    if parent_id is None:
        return
    if parent_id == code_id:
        raise WriteRefused(Reason.CIRCLE)
    if parent_id not in others or others[parent_id]["retired_at"] is not None:
        raise WriteRefused(Reason.NO_PARENT)
    above: str | None = parent_id
    while above is not None and above in others:
        above = others[above]["parent_id"]
        if above == code_id:
            raise WriteRefused(Reason.CIRCLE)


def _is_same(before: Row, said: Row, retired: bool) -> bool:
    same = all(before[name] == said[name] for name in _SAID)
    return same and (before["retired_at"] is not None) is retired
