import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports import load
from exports.columns.field import Field, Kind, arrow_schema
from exports.formats.base import HashingFile
from exports.formats.registry import FORMATS_BY_NAME
from exports.options import FORMATS
from exports.rows.batches import batch_of, empty_batch
from exports.rows.digest import Digest
from tests.exports.conftest import export_to
from tests.exports.seed import Seed, id_of

COLUMNS = tuple(Field(kind.value, kind, "A column.") for kind in Kind)
# What once broke somebody's export.
AWKWARD = (
    "",
    " ",
    "NA",
    "None",
    "null",
    "NaN",
    "true",
    "1.0",
    "=1+1",
    "+1",
    "@SUM(A1)",
    '"',
    '""',
    '","',
    "a,b;c\td",
    "\n",
    "\r",
    "\r\n",
    "a\rb\nc\r\nd",
    "\\",
    "\\n",
    "\\.",
    "\u2028\u2029\x85\x0b\x0c\x1c",
    "\x01\x1a\x1f\x7f",
    "\ufeffbyte order mark",
    "\ufffd\ufffe\uffff",
    "👩‍👩‍👧 👍🏽",
    "שלום \u202eabc\u202c عربى",
    "é e\u0301",
    "x" * 70_000,
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
moments = st.integers(0, 4_102_444_799_999).map(
    lambda ms: pd.Timestamp(ms, unit="ms", tz="UTC").strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
)
values = {
    Kind.ID: st.none() | texts,
    Kind.TEXT: st.none() | texts | st.sampled_from(AWKWARD),
    Kind.JSON: st.none() | texts,
    Kind.INTEGER: st.none() | st.integers(-(2**63), 2**63 - 1),
    Kind.NUMBER: st.none() | st.floats(allow_nan=False, allow_infinity=False),
    Kind.BOOLEAN: st.none() | st.sampled_from([0, 1]),
    Kind.TIME: st.none() | moments,
    Kind.VECTOR: st.none()
    | st.lists(st.integers(-(2**31), 2**31), min_size=1, max_size=4).map(
        lambda numbers: (np.array(numbers, "<f4") / 1_000).tobytes()
    ),
}
rows = st.lists(st.tuples(*(values[kind] for kind in Kind)), min_size=1, max_size=8)


def written_and_read(path: Path, name: str, batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """What a format gives back of what it was given."""
    path.unlink(missing_ok=True)
    schema = arrow_schema(COLUMNS)
    with HashingFile(path) as file:
        writer = FORMATS_BY_NAME[name].writer(file, COLUMNS)
        for batch in batches:
            writer.write(batch)
        writer.finish()
    read = list(FORMATS_BY_NAME[name].read(path, COLUMNS))
    return pa.Table.from_batches([one.cast(schema) for one in read], schema)


def digest_of(batches: Sequence[pa.RecordBatch]) -> str:
    """The digest of rows."""
    digest = Digest(COLUMNS)
    for batch in batches:
        digest.add(batch)
    return digest.hexdigest()


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows)
def test_any_row_round_trips(name: str, rows: list[tuple[Any, ...]], tmp_path: Path) -> None:
    """Any Unicode text, number, boolean and time comes back as it was, from every format."""
    batch = batch_of(list(zip(*rows, strict=True)), COLUMNS)
    assert written_and_read(tmp_path / "file", name, [batch]).to_batches()[0].equals(batch)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", AWKWARD, ids=lambda text: ascii(text)[:20])
def test_awkward_text_round_trips(name: str, text: str, tmp_path: Path) -> None:
    """Each text that once broke somebody's export comes back byte for byte, between others like it."""
    column = [text, None, text + text, ""]
    batch = batch_of([column if c.kind is Kind.TEXT else [None] * 4 for c in COLUMNS], COLUMNS)
    read = written_and_read(tmp_path / "file", name, [batch])
    assert read.column("text").to_pylist() == column


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@pytest.mark.parametrize("said", ["1", "-1", "1.5", "true", '"x"', "[]", "{}", "1180591620717411303424"])
def test_json_of_another_kind_is_not_read(column: Field, said: str, tmp_path: Path) -> None:
    """A program that reads the file would see what stands in it, and not what we make of it."""
    path = tmp_path / "file"
    path.write_text(f'{{"{column.name}":{said}}}\n', encoding="utf-8")
    meant = json.loads(said)
    fitting = {
        Kind.INTEGER: type(meant) is int and meant < 2**63,
        Kind.NUMBER: type(meant) in (int, float) and meant < 2**63,
        Kind.BOOLEAN: type(meant) is bool,
        Kind.TIME: False,
    }
    if fitting.get(column.kind, type(meant) is str):
        (batch,) = FORMATS_BY_NAME["jsonl"].read(path, (column,))
        assert batch.column(0).to_pylist() == [meant]
    else:
        with pytest.raises((ValueError, OverflowError)):
            list(FORMATS_BY_NAME["jsonl"].read(path, (column,)))


@pytest.mark.parametrize("name", FORMATS)
def test_no_rows_round_trip(name: str, tmp_path: Path) -> None:
    """A table without rows is still a table."""
    assert written_and_read(tmp_path / "file", name, [empty_batch(COLUMNS)]).num_rows == 0


@given(rows=rows, cut=st.integers(0, 8))
def test_the_digest_does_not_see_batches(rows: list[tuple[Any, ...]], cut: int) -> None:
    """However rows are cut into batches, what they say has one digest."""
    whole = batch_of(list(zip(*rows, strict=True)), COLUMNS)
    assert digest_of([whole.slice(0, cut), whole.slice(cut)]) == digest_of([whole])


@given(first=rows, second=rows)
def test_the_digest_sees_every_difference(first: list[Any], second: list[Any]) -> None:
    """Two tables have one digest only if they are equal."""
    ours, theirs = (batch_of(list(zip(*some, strict=True)), COLUMNS) for some in (first, second))
    assert (digest_of([ours]) == digest_of([theirs])) == ours.equals(theirs)


def test_the_digest_tells_missing_from_empty() -> None:
    """A missing text is not an empty one, and a missing number is not zero."""
    kinds: list[list[Any]] = [[None] if c.kind is not Kind.INTEGER else [0] for c in COLUMNS]
    zero = batch_of(kinds, COLUMNS)
    missing = batch_of([[None] for _ in COLUMNS], COLUMNS)
    empty = batch_of([[""] if c.kind is Kind.TEXT else [None] for c in COLUMNS], COLUMNS)
    assert len({digest_of([zero]), digest_of([missing]), digest_of([empty])}) == 3


@pytest.mark.parametrize("name", FORMATS)
def test_awkward_words_survive_a_whole_export(name: str, database_url: str, out: Path) -> None:
    """From the database to a DataFrame, through every format, nothing is lost and nothing made up."""
    seed = Seed()
    seed.participant("Ada")
    seed.thread("thread", "Ada", 0)
    for number, text in enumerate(AWKWARD):
        seed.step(f"message {number}", "thread", number + 1, "user_message", output=text)
    seed.write(database_url)
    export_to(database_url, out, formats=(name,))
    assert load(out)["messages"]["content"].tolist() == list(AWKWARD)


@pytest.mark.parametrize("name", FORMATS)
def test_load_gives_the_right_types(name: str, story_url: str, out: Path) -> None:
    """Whole numbers with gaps stay whole, booleans and times are such, JSON stays text."""
    export_to(story_url, out, formats=(name,))
    frames = load(out)
    messages = frames["messages"]
    assert str(messages["prompt_tokens"].dtype) == "Int64"
    assert messages["prompt_tokens"].isna().any()
    assert str(messages["is_current"].dtype) == "boolean"
    assert str(messages["timestamp"].dtype) == "datetime64[ms, UTC]"
    assert str(messages["latency_ms"].dtype) == "float64"
    assert str(messages["content"].dtype) == "str"
    metadata = frames["threads"].set_index("title").loc["Ada's thread", "metadata"]
    assert json.loads(metadata) == {"chat_profile": "Model", "note": "ü"}


def test_every_format_loads_the_same(story_url: str, out: Path) -> None:
    """Which files are read makes no difference."""
    export_to(story_url, out, formats=FORMATS, include_deleted=True)
    first, *others = (load(out, format=name) for name in FORMATS)
    for other in others:
        for name, frame in first.items():
            pd.testing.assert_frame_equal(frame, other[name])


def test_load_tells_an_empty_comment_from_none(sqlite_url: str, out: Path) -> None:
    """Empty text and missing text stay two things, also in CSV."""
    seed = Seed()
    seed.participant("Ada")
    seed.thread("thread", "Ada", 0)
    seed.run("run", "thread", "said", 2)
    seed.step("reply", "thread", 3, "assistant_message", run_id=id_of("run"))
    for number, comment in enumerate(["", None, "NA"]):
        seed.rating(f"rating {number}", "thread", "reply", "run", 10 + number, comment=comment)
    seed.write(sqlite_url)
    export_to(sqlite_url, out, formats=("csv",))
    comments = load(out)["ratings"]["comment"]
    assert {None if pd.isna(one) else one for one in comments} == {"", None, "NA"}
    assert comments.isna().sum() == 1


def test_jsonl_has_one_line_a_row_for_every_reader(sqlite_url: str, out: Path) -> None:
    """Characters that some readers take for line ends are escaped."""
    seed = Seed()
    seed.thread("thread", None, 0)
    seed.step("message", "thread", 1, "user_message", output="a\u2028b\u2029c\x85d\r\ne")
    seed.write(sqlite_url)
    export_to(sqlite_url, out, formats=("jsonl",), tables=("messages",))
    assert len((out / "messages.jsonl").read_text(encoding="utf-8").splitlines()) == 1
