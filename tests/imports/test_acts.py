"""A tree of messages becomes what stood on its screen, with all its branches."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.record import Record
from data_layer.writing.batch import Unit
from data_layer.writing.state import ThreadDefaults
from imports.acts import Asks, RunBegins, RunSays, Stands, acts_of
from imports.distinct import make_distinct
from imports.foreign import ForeignMessage, ForeignRole, ForeignThread
from imports.remarks import Remarks
from imports.unit import Origin, unit_of
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, new_id, rows
from tests.imports.bringing import AT, bring, one_thread, remarks, screen_of, write


def node(key: str, role: str, parent: str | None, words: str | None = None) -> ForeignMessage:
    """A message of a tree that says its own key."""
    return ForeignMessage(key, ForeignRole(role), key if words is None else words, parent=parent)


def exported(nodes: dict[str, tuple[str, str | None]], current: str) -> list[dict[str, Any]]:
    """ChatGPT's export of one conversation; each message says its key."""
    mapping = {
        key: {
            "id": key,
            "parent": parent,
            "message": {
                "author": {"role": role},
                "create_time": 1_700_000_000 + place,
                "content": {"content_type": "text", "parts": [key]},
            },
        }
        for place, (key, (role, parent)) in enumerate(nodes.items())
    }
    return [{"conversation_id": "c", "title": "Tree", "mapping": mapping, "current_node": current}]


FORKED = {
    "u1": ("user", None),
    "a1": ("assistant", "u1"),
    "u2": ("user", "a1"),
    "a2": ("assistant", "u2"),
    "b1": ("assistant", "u1"),  # u1 answered anew
    "u1'": ("user", None),  # u1 said otherwise
    "c1": ("assistant", "u1'"),
}


@pytest.mark.parametrize(
    ("current", "standing"),
    [
        ("a2", ["u1", "a1", "u2", "a2"]),
        ("b1", ["u1", "b1"]),
        ("c1", ["u1'", "c1"]),
    ],
)
async def test_what_was_shown_stands_and_the_other_branches_are_kept(
    record: Record, tmp_path: Path, current: str, standing: list[str]
) -> None:
    """Whichever branch was open there; nothing of the others is lost."""
    await bring(record, "chatgpt", write(tmp_path / "c.json", exported(FORKED, current)), owner="ada")
    thread = await one_thread(record)
    assert [words for _, words in await screen_of(record, thread["thread_id"])] == standing
    kept = {row["output"] for row in await rows(record, "step_revisions")}
    assert kept == set(FORKED)
    assert thread["message_count"] == len(standing)
    assert {row["status"] for row in await rows(record, "runs")} == {"complete"}


async def test_an_answer_given_anew_and_a_wording_are_branches_of_the_record(
    record: Record, tmp_path: Path
) -> None:
    """As the page's own edits and retries leave them, so that exports and the room show them alike."""
    await bring(record, "chatgpt", write(tmp_path / "c.json", exported(FORKED, "c1")), owner="ada")
    (message,) = [row for row in await rows(record, "steps", type="user_message") if row["turn"] == 1]
    assert (message["revision"], message["output"]) == (2, "u1'")
    runs = {row["run_id"]: row for row in await rows(record, "runs")}
    steps = {row["output"]: row for row in await rows(record, "steps")}
    assert steps["b1"]["branch"] == f"{message['step_id']}/1"
    assert steps["a1"]["branch"] == steps["a1"]["run_id"]
    assert steps["u2"]["branch"] == steps["a1"]["run_id"]
    assert runs[steps["a1"]["run_id"]]["message_revision"] == 1
    assert runs[steps["c1"]["run_id"]]["message_revision"] == 2


async def test_a_branch_within_a_reply_is_an_answer_of_its_own(record: Record, tmp_path: Path) -> None:
    """Its beginning stands in both, and is marked in the second."""
    forked = {
        "u": ("user", None),
        "t": ("tool", "u"),
        "a": ("assistant", "t"),
        "b": ("assistant", "t"),
    }
    told = Remarks()
    file = write(tmp_path / "c.json", exported(forked, "b"))
    await bring(record, "chatgpt", file, told, owner="ada")
    thread = await one_thread(record)
    assert [words for _, words in await screen_of(record, thread["thread_id"])] == ["u", "t", "b"]
    copies = [row["metadata"]["import"].get("copy") for row in await rows(record, "steps", type="tool")]
    assert sorted(map(bool, copies)) == [False, True]
    assert any("stand twice" in what for what in told.kept)


def test_parents_that_are_not_there_and_circles_are_cut_and_told() -> None:
    """Every message goes in once, whatever its parents say."""
    thread = ForeignThread("c", 7, is_tree=True)
    thread.messages = [
        node("u", "user", "gone"),
        node("x", "assistant", "y"),
        node("y", "user", "x"),
        node("self", "user", "self"),
    ]
    told = Remarks()
    said = [act.message.key for act in acts_of(thread, told) if isinstance(act, Asks | RunSays | Stands)]
    assert sorted(said) == ["self", "u", "x", "y"]
    assert {place for place, _ in remarks(told)} == {7}
    assert len(remarks(told)) == 3


def test_a_tree_ten_thousand_deep_is_walked() -> None:
    """No recursion ends it."""
    thread = ForeignThread("c", 1, is_tree=True)
    parent = None
    for number in range(10_000):
        thread.messages.append(node(str(number), "assistant" if number % 2 else "user", parent))
        parent = str(number)
    assert sum(isinstance(act, RunBegins) for act in acts_of(thread, Remarks())) == 5_000


ROLES = st.sampled_from(["user", "assistant", "tool", "system"])
TREES = st.lists(st.tuples(ROLES, st.integers(0, 30), st.sampled_from(["", "yes", "no"])), max_size=14)


@settings(max_examples=150, deadline=None)
@given(TREES, st.integers(0, 30))
def test_any_tree_is_said_whole(tree: list[tuple[str, int, str]], shown: int) -> None:
    """Each message of any tree is said, and what follows names only what was said before."""
    messages = [
        node(str(place), role, None if not parent else str((parent - 1) % len(tree)), words)
        for place, (role, parent, words) in enumerate(tree)
    ]
    thread = ForeignThread("c", 1, messages=messages, is_tree=True, shown=str(shown))
    make_distinct(thread, Remarks())
    known: set[str] = set()
    said: list[tuple[str, str]] = []
    for act in acts_of(thread, Remarks()):
        if isinstance(act, Asks):
            assert act.again == (act.of in known)
            known.add(act.of)
            said.append((act.message.role, act.message.content or "[no text]"))
        elif isinstance(act, Stands) or (isinstance(act, RunSays) and not act.copy):
            said.append((act.message.role, act.message.content))
        elif not isinstance(act, RunSays):
            assert act.of in known
    others = [(role, words) for role, _, words in tree if role != "user"]
    assert sorted(one for one in said if one[0] != "user") == sorted(others)
    wordings = {words or "[no text]" for role, _, words in tree if role == "user"}
    assert {words for role, words in said if role == "user"} <= wordings
    assert {words for words in wordings if words != "[no text]"} <= {words for _, words in said}


@settings(max_examples=25, deadline=None)
@given(TREES, st.integers(0, 30))
def test_any_tree_goes_in_without_a_refusal(
    migrated_sqlite: Path, tree: list[tuple[str, int, str]], shown: int
) -> None:
    """Every edit, retry and walk that an import makes is one that the record takes."""
    messages = [
        node(str(place), role, None if not parent else str((parent - 1) % len(tree)), words)
        for place, (role, parent, words) in enumerate(tree)
    ]
    thread = ForeignThread("c", 1, messages=messages, is_tree=True, shown=str(shown))
    batches = Batches(migrated_sqlite, ThreadDefaults("example", "import", ""))
    unit = unit_of(thread, new_id(), ADA, Origin("chatgpt", None, AT), Remarks())
    (outcome,) = batches.apply(Unit(unit.placed(5_000), range(5_000, 5_000 + len(unit.writes))))
    batches.close()
    assert outcome.refused is None
