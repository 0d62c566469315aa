"""What a model made of messages is exported when it is asked for, and proved as any table is."""

import csv
import json
import runpy
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from data_layer.database import schema
from exports.columns.field import LIST
from exports.options import FORMATS, ExportOptions
from exports.preview import preview
from exports.registry import tables_for
from exports.rows.vectors import lists_of_texts, texts_of_lists, vector_texts
from exports.verify.difference import Finding
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.exports.seed import at, id_of, order
from tests.exports.story import story
from tests.exports.test_verify import execute
from tests.exports.test_withdrawals import withdraw

FIRST, REFUSED, GONE = "first question", "first reply", "old reply"
VECTORS = {FIRST: [0.6000000238418579, 0.0, -0.800000011920929], REFUSED: None, GONE: [1.0, 0.0, 0.0]}
numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(st.none() | st.lists(numbers, min_size=1, max_size=5), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_vector_is_the_same_in_text_and_list(vectors: Sequence[list[float] | None]) -> None:
    """A text is JSON and leads back to the same 32 bits, whether it came from bytes or from a list."""
    kept = [_bytes(one) for one in vectors]
    texts = vector_texts(kept)
    assert [_bytes(one and json.loads(one, parse_int=float)) for one in texts.to_pylist()] == kept
    lists = lists_of_texts(texts)
    assert [_bytes(one) for one in lists.to_pylist()] == kept
    # As a part of a longer array, too: Parquet gives such.
    assert texts_of_lists(pa.concat_arrays([lists, lists]).slice(len(lists))).equals(texts)


def _bytes(vector: list[float] | None) -> bytes | None:
    return None if vector is None else np.array(vector, "<f4").tobytes()


def test_it_is_left_out_unless_asked_for() -> None:
    """By its name, or by the option."""
    names = {table.name for table in tables_for(ExportOptions())}
    assert "embeddings" not in names
    assert {table.name for table in tables_for(ExportOptions(include_vectors=True))} - names == {"embeddings"}
    assert [one.name for one in tables_for(ExportOptions(tables=("embeddings",)))] == ["embeddings"]


@pytest.fixture
def kept_url(database_url: str) -> str:
    """The story, with vectors of two messages, of which one has left the screen, and one that was refused."""
    seed = story()
    for number, (name, vector) in enumerate(VECTORS.items()):
        step = next(row for row in seed.rows["steps"] if row["step_id"] == id_of(name))
        row = {"step_id": step["step_id"], "thread_id": step["thread_id"], "model": "tiny/1", "revision": 1}
        row |= {"seq": order(at(500 + number)), "created_at": at(500 + number), "vector": _bytes(vector)}
        row |= {"dimension": vector and len(vector), "error_type": None if vector else "too_long"}
        seed.rows["embeddings"].append(row)
    seed.write(database_url)
    return database_url


def test_it_is_exported_and_proved(kept_url: str, out: Path) -> None:
    """In each format the same numbers; the files prove themselves, and the rows are the database's."""
    export_to(kept_url, out, include_vectors=True, formats=FORMATS)
    assert verify_export(out, None) == verify_export(out, kept_url) == []
    parquet = pq.read_table(out / "embeddings.parquet")
    assert parquet.schema.field("vector").type == LIST
    lines = [json.loads(line) for line in (out / "embeddings.jsonl").read_text().splitlines()]
    with (out / "embeddings.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))
    found = dict(zip(parquet["message_id"].to_pylist(), parquet["vector"].to_pylist(), strict=True))
    assert found == {id_of(name): vector for name, vector in VECTORS.items() if name != GONE}
    for rows in (lines, cells):
        texts = {one["message_id"]: json.loads(one["vector"] or "null") for one in rows}
        assert {name: _bytes(one) for name, one in texts.items()} == {
            name: _bytes(one) for name, one in found.items()
        }
    frames = runpy.run_path(str(out / "load.py"))["tables"]
    assert {len(one) for one in frames["embeddings"]["vector"].dropna()} == {3}
    assert "embeddings" in (out / "codebook.csv").read_text()


@pytest.mark.parametrize("format", FORMATS)
def test_a_changed_number_is_a_difference(kept_url: str, out: Path, format: str) -> None:
    """A vector that is another in the database, and was not written since, is told."""
    export_to(kept_url, out, tables=("embeddings",), formats=(format,))
    changed = update(schema.embeddings).values(vector=_bytes([0.5, 0.5, 0.1]))
    execute(kept_url, changed.where(schema.embeddings.c.step_id == id_of(FIRST)))
    assert [one.finding for one in verify_export(out, kept_url)] == [Finding.DIFFERENT]


def test_what_another_model_made_since_is_no_difference(kept_url: str, out: Path) -> None:
    """A vector in whose place is another model's has left; one that nothing replaced is missing."""
    export_to(kept_url, out, include_vectors=True)
    now = datetime.now(UTC)
    anew = {"model": "other", "seq": order(now), "created_at": now}
    kept = schema.embeddings
    execute(
        kept_url,
        update(kept).values(**anew).where(kept.c.step_id == id_of(FIRST)),
        delete(kept).where(kept.c.step_id == id_of(REFUSED)),
    )
    found = {one.finding: one.ids for one in verify_export(out, kept_url)}
    assert found == {
        Finding.NEWER: (f"{id_of(FIRST)}/other",),
        Finding.LEFT: (f"{id_of(FIRST)}/tiny/1",),
        Finding.NOT_IN_DATABASE: (f"{id_of(REFUSED)}/tiny/1",),
    }


def test_a_withdrawal_erases_it(kept_url: str, out: Path, tmp_path: Path) -> None:
    """An export after it has no vector of theirs, and of one before it verify says whose rows these were."""
    export_to(kept_url, out, include_vectors=True)
    withdraw(kept_url, tmp_path, "Ada")
    named = {one.where for one in verify_export(out, kept_url) if one.finding is Finding.WITHDRAWN}
    assert "embeddings" in named
    again = export_to(kept_url, tmp_path / "again", include_vectors=True, include_deleted=True)
    assert {table.name: table.rows for table in again.tables}["embeddings"] == 0


def test_a_look_at_it_shows_its_numbers(kept_url: str) -> None:
    """A preview shows a vector as text."""
    first = next(preview(kept_url, ExportOptions(include_vectors=True), show="embeddings", rows=5))
    assert "[0.6,0,-0.8]" in json.dumps(first)
