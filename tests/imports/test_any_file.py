"""Whatever stands in a file: it is read or told, never a traceback, and what is read can be kept."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_layer.writing.batch import Unit
from data_layer.writing.state import ThreadDefaults
from imports.distinct import make_distinct
from imports.registry import SOURCES
from imports.remarks import Remarks
from imports.unit import Origin, unit_of
from study.errors import ImportFailed
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, new_id
from tests.imports.bringing import AT, read, remarks

JSON: Final = [
    kind.name for kind in SOURCES if kind.name not in ("chainlit", "conversations", "chat_sessions")
]
NAMES: Final = (
    *("id", "_id", "role", "from", "content", "value", "text", "messages", "conversations", "conversation"),
    *("mapping", "message", "author", "parent", "parts", "content_type", "current_node", "create_time"),
    *("timestamp", "created_at", "user", "user_id", "userId", "metadata", "model", "deleted", "deletedAt"),
    *("prompt", "replies", "message_id", "parent_id", "message_tree_id", "sessionId", "sessions", "isUser"),
    *("tool_calls", "function", "tool_call_id", "thoughts", "recipient", "title", "tags", "rank", "$oid"),
)
LEAVES: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["user", "assistant", "tool", "a", "b", "[{", "2024-01-01", "\x00", "\ud800"]),
)
ANY: Final = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)


@pytest.mark.parametrize("source", JSON)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), ANY, max_size=8), max_size=3), st.booleans())
def test_any_json_is_read_or_told(tmp_path: Path, source: str, documents: list[Any], lines: bool) -> None:
    """Fields of any name hold anything; what a reader yields becomes writes."""
    file = tmp_path / "any.json"
    one_a_line = "".join(f"{json.dumps(one)}\n" for one in documents)
    whole: Any = documents[0] if source == "mongo" and documents else documents
    file.write_text(one_a_line if lines else json.dumps(whole))
    try:
        threads = read(source, file)
    except ImportFailed:
        return
    for thread in threads:
        make_distinct(thread, Remarks())
        unit_of(thread, new_id(), ADA, Origin(source, None, AT), Remarks()).placed(1)


NASTY: Final = (
    '{"messages": [{"role": "me", "text": "a", "b": NaN}, {"role": "bot", "text": "\\u0000"}],'
    '"id": "n\\u0000\\ud800", "user": "u\\u0000", "model": "m\\u0000", "extra": Infinity}',
    '{"messages": [{"role": ["a"], "content": {"a": 1}}, {"role": null, "content": "x"}], "user": {"a": 1}}',
    '{"messages": [{"role": "bot", "tool_calls": [5, {"id": null}, {"function": "x"}]}], "created_at": [1]}',
    '{"messages": [{"role": "user", "content": "x", "created_at": 99999999999999999999999999}]}',
    '{"messages": [{"role": "user", "content": "deep", "m": ' + '{"a":' * 600 + "1" + "}" * 600 + "}]}",
    '{"messages": [{"role": "user", "content": ' + "[" * 600 + '"deep"' + "]" * 600 + "}]}",
)


def test_lines_that_break_programs_are_kept(tmp_path: Path, migrated_sqlite: Path) -> None:
    """No number, no character, no time, nesting beyond reading; bytes that are no UTF-8 are told."""
    file = tmp_path / "nasty.jsonl"
    file.write_bytes("\n".join(NASTY).encode() + b'\n{"messages": [{"role": "user", "content": "\xff"}]}')
    told = Remarks()
    threads = read("openai", file, told)
    assert len(threads) == len(NASTY) + 1
    assert (len(NASTY) + 1, "bytes that are no UTF-8") in remarks(told)
    batches, start = Batches(migrated_sqlite, ThreadDefaults("example", "import", "")), 5_000
    for thread in threads:
        unit = unit_of(thread, new_id(), ADA, Origin("openai", None, AT), told)
        (outcome,) = batches.apply(Unit(unit.placed(start), range(start, start + len(unit.writes))))
        assert outcome.refused is None
        start += len(unit.writes)
    batches.close()
