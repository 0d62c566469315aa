"""ADA, who leaves a marker in everything that can hold a word; and BOB, who says others in the same way."""

import uuid
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.database.types import dump_json
from data_layer.record import Record
from data_layer.writing.batch import Unit
from data_layer.writing.form_writes import PutForm
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.journal import Journal
from data_layer.writing.tool_writes import BeginTool, EndTool, PutToolRecord
from data_layer.writing.writes import (
    DeleteSteps,
    InsertRow,
    MergeThreadMetadata,
    PutStep,
    RenameThread,
    TagThread,
)
from tests.data_layer.rows import ADA, BOB, begin_thread, form_row, message, new_id, reply, rows

# One word, so that the search index holds it too; nothing else in the tests does.
MARKER: Final = "quokkamarmot"
SHARED_PROMPT: Final = "a" * 64
OWN_PROMPT: Final = "b" * 64
EXPORT: Final = "77777777-7777-4777-8777-777777777777"
LATER_FILE: Final = "88888888-8888-4888-8888-888888888888"


async def enter(record: Record, participant_id: str, name: str) -> None:
    """Make a participant with an identity, a sign-in and a password."""
    common = {"participant_id": participant_id, "study_id": "example", "created_at": record.now()}
    identity = {"identity_id": new_id(), "kind": "user_name", "value": name, "value_key": name}
    sign_in = {"sign_in_id": new_id(), "mode": "name", "expires_at": record.now()}
    moment = {"participant_id": participant_id, "created_at": record.now()}
    await record.writer.submit(
        InsertRow("participants", {**common, "source": "login"}),
        InsertRow("identities", {**common, **identity}),
        InsertRow("sign_ins", {**moment, **sign_in}),
        InsertRow("passwords", {**moment, "password_hash": f"$argon2id${name}"}),
    )


async def say_everything(record: Record, participant_id: str, word: str, own_prompt: str) -> str:
    """Say, edit, delete, rename, tag, upload, rate, bookmark, share a word, and have it coded.

    Returns:
        The thread.
    """
    await enter(record, participant_id, f"{word} the first")
    thread_id = await begin_thread(record, f"I am {word}", participant_id)
    now = record.now()
    run_id, connection_id = new_id(), new_id()
    ids = {"thread_id": thread_id, "participant_id": participant_id}
    first = (await rows(record, "steps", thread_id=thread_id))[0]["step_id"]
    again = {"step_id": first, "thread_id": thread_id, "type": "user_message", "output": f"No, {word} edited"}
    gone = message(record, thread_id, f"deleted {word}", by=participant_id)
    answer = reply(record, thread_id, f"So you are {word}", run_id=run_id)
    await record.writer.submit(
        PutStep(again, now, by=participant_id),
        gone,
        answer,
        message(record, thread_id, None, type="tool", name="look", input=word, by=None, run_id=run_id),
        DeleteSteps((gone.row["step_id"],), now, "removed", thread_id, participant_id),
        RenameThread(thread_id, f"About {word}", now, participant_id),
        TagThread(thread_id, (word,), now, participant_id),
        MergeThreadMetadata(thread_id, {"note": word}, now),
        record.event("page_left", payload={"said": word}, **ids),
        record.event("refused", payload={"what": word}, participant_id=participant_id),
    )
    call = {"run_id": run_id, "thread_id": thread_id, "started_at": now, "status": "complete"}
    openai = {"gen_ai_provider_name": "fake", "gen_ai_operation_name": "chat", "gen_ai_request_model": "m"}
    prompts = ((own_prompt, f"[{word}]"), (SHARED_PROMPT, "[you are kind]"))
    connection = {"connection_id": connection_id, "session_id": word, "user_agent": word, "opened_at": now}
    run = {"name": "on_message", "error_message": word, "message_id": first, "seq": record.take_order()}
    await record.writer.submit(
        InsertRow("runs", {**run, "run_id": run_id, **{k: call[k] for k in call if k != "run_id"}}),
        *(
            InsertRow("prompts", {"prompt_hash": digest, "messages": messages, "created_at": now})
            for digest, messages in prompts
        ),
        *(
            InsertRow(
                "llm_calls",
                {
                    **call,
                    **openai,
                    "llm_call_id": new_id(),
                    "prompt_hash": digest,
                    "seq": record.take_order(),
                },
            )
            for digest, _ in prompts
        ),
        InsertRow("connections", {**connection, **ids}),
    )
    begins: Row = {"agent": "Agent", "name": word, "title": f"About {word}"}
    intent_id = new_id()
    await record.writer.submit(
        MoveIntent(thread_id, intent_id, "began", "agent", now, run_id=run_id, begins=begins),
        MoveIntent(
            thread_id, intent_id, "updated", word, now, parameters={word: word}, agent_state={"a": word}
        ),
    )
    await record.ratings.put(participant_id, answer.row["step_id"], 0, f"not {word}")
    element = {"element_id": new_id(), "thread_id": thread_id, "type": "file", "name": word}
    await record.elements.put(None, record.take_order(), element, word.encode())
    researcher = {"researcher_id": new_id(), "author": "Olga", "created_at": now}
    await record.writer.submit(
        InsertRow("bookmarks", _bookmark(ids, record)),
        InsertRow("shares", _share(ids, record)),
        InsertRow("annotations", _annotation(thread_id, word) | researcher),
        InsertRow("coding_assignments", _assignment(thread_id) | {"created_at": now}),
    )
    form = form_row(record, thread_id, answers={"drink": word})
    answer_row: Row = {"answer_id": new_id(), "form_id": form["form_id"], "thread_id": thread_id}
    answer_row |= {"message_id": new_id(), "seq": record.take_order(), "form": "order", "item": "drink"}
    answer_row |= {"kind": "text", "position": 1, "state": "answered", "value": word, "changes": 1}
    await record.writer.submit(
        PutForm(form, now), InsertRow("form_answers", answer_row | {"shown_at": now, "sent_at": now})
    )
    key = f"{own_prompt[0]}{'0' * 63}"
    came: Row = {"output": word, "is_error": True, "error_type": word, "sentence": word, "undone": False}
    await record.writer.submit(
        PutToolRecord(thread_id, word, {"said": word}, now, participant_id),
        BeginTool(key, thread_id, run_id, "pay", dump_json({"for": word}), False, now, participant_id),
        EndTool(key, run_id, came, now),
    )
    return thread_id


async def leave_files(record: Record) -> None:
    """An upload that was never sent, lines of the journal, and an export, all of ADA's."""
    pending = record.data_dir / "pending" / ADA
    pending.mkdir(parents=True)
    (pending / LATER_FILE).write_text(MARKER)
    journal = Journal(record.data_dir / "journal")
    write = message(record, new_id(), f"failed {MARKER}")
    journal.append_failed(Unit([write], [1]), "why")
    journal.append_failed(Unit([message(record, new_id(), "bob's", by=BOB)], [2]), "why")
    with journal.failed_path.open("a") as file:
        file.write('{"id": "torn", "writes": [{"kind": "PutStep", "fields": {"row": {"output": "' + MARKER)
    row = {"export_id": EXPORT, "researcher_id": new_id(), "name": "Olga", "state": "done"}
    row |= {
        "options": {"format": ["csv"]},
        "row_count": 1,
        "table_count": 1,
        "zip_bytes": 1,
        "zip_sha256": "0" * 64,
    }
    await record.writer.submit(InsertRow("exports", {**row, "created_at": record.now()}))
    folder = record.data_dir / "exports" / EXPORT
    folder.mkdir(parents=True)
    (folder / "messages.csv").write_text(MARKER)
    folder.with_suffix(".zip").write_text(MARKER)
    part = folder.with_name(f".{EXPORT}.part-host-1-abc")
    part.mkdir()
    (part / "messages.csv").write_text(MARKER)


async def everything_kept(record: Record) -> dict[str, list[Row]]:
    """Every row of every table."""
    return {table.name: await rows(record, table.name) for table in schema.metadata.sorted_tables}


async def rows_with(record: Record, word: str) -> list[str]:
    """Tables in which a word stands; on both databases, the search index too."""
    found = [name for name, kept in (await everything_kept(record)).items() if word in dump_all(kept)]
    async with record.database.engine.connect() as connection:
        index = await connection.exec_driver_sql("SELECT * FROM search_index")
        if word in str(index.all()):
            found.append("search_index")
    return found


def dump_all(kept: list[Row]) -> str:
    """Rows as one text."""
    return dump_json([{name: str(value) for name, value in row.items()} for row in kept])


def files_with(folder: Path, word: str) -> list[str]:
    """Files below a folder that hold a word, in whatever case."""
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and word.encode() in path.read_bytes().lower()
    ]


def database_folder(record: Record) -> Path:
    """Where SQLite's file lies, with what stands beside it."""
    return Path(make_url(record.database.url).database or "").parent


def _bookmark(ids: Row, record: Record) -> Row:
    row = {"bookmark_id": new_id(), "message_id": new_id(), "seq": record.take_order()}
    return {**row, **ids, "created_at": record.now()}


def _share(ids: Row, record: Record) -> Row:
    row = {"share_id": new_id(), "token_hash": uuid.uuid4().hex * 2, "last_seq": record.take_order()}
    return {**row, **ids, "created_at": record.now(), "expires_at": record.now()}


def _annotation(thread_id: str, word: str) -> Row:
    return {"annotation_id": new_id(), "thread_id": thread_id, "target": "thread", "note": f"says {word}"}


def _assignment(thread_id: str) -> Row:
    return {
        "assignment_id": new_id(),
        "thread_id": thread_id,
        "researcher_id": new_id(),
        "assigned_by": new_id(),
    }
