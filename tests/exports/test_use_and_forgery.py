"""What participants and researchers do after an export is never called wrong; a forgery always is."""

import asyncio
import shutil
import tempfile
from contextlib import suppress
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.verify.prove import prove
from study.errors import ExportError
from study.intents import IntentMove
from tests.data_layer.rows import rows
from tests.exports.acts import ACTS, World
from tests.exports.forging import FORGERIES, LISTS, TABLE, forge_list, forge_rows, otherwise, rows_of
from tests.exports.going_on import WAYS, Study, study_in, use_is_no_forgery

acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 7)), max_size=9)
ways = st.lists(st.sampled_from(list(WAYS)), min_size=4, max_size=4, unique=True)
# Of an intent, or of a move.
SAID = ("state", "cause", "title", "parameters", "ended_at", "move")
# A verification takes as long on PostgreSQL, and the tests of a run have little time.
FEW = ("whole", "listed, all that was", "said", "not coded, since")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the studies of a test lie."""
    return tmp_path_factory.mktemp("studies")


def fresh(migrated_sqlite: Path, folder: Path) -> tuple[str, Path]:
    """An empty database, in a folder of its own."""
    own = Path(tempfile.mkdtemp(dir=folder))
    shutil.copyfile(migrated_sqlite, own / "verbatim.db")
    return f"sqlite+aiosqlite:///{own / 'verbatim.db'}", own


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=acts, after=acts, ways=ways)
async def test_no_act_is_called_wrong(
    migrated_sqlite: Path,
    folder: Path,
    before: list[tuple[str, int]],
    after: list[tuple[str, int]],
    ways: list[str],
) -> None:
    """Whatever was done before an export and since: in whichever way it was exported, it is whole."""
    async with study_in(*fresh(migrated_sqlite, folder)) as study:
        await use_is_no_forgery(study, before, after, ways)


async def test_nor_is_any_act_there_is(database_url: str, tmp_path: Path) -> None:
    """Each of them done before the export, and each done again since, upon another conversation."""
    async with study_in(database_url, tmp_path) as study:
        before = [(act, 5) for act in ACTS if act != "withdraw"]
        after = [(act, which) for which in (0, 5) for act in ACTS]
        few = database_url.startswith("postgresql")
        await use_is_no_forgery(study, before, after, FEW if few else list(WAYS))


async def test_nor_is_one_thread_archived_for_another(database_url: str, tmp_path: Path) -> None:
    """In a study that allows one conversation at once each act may archive, and bring back."""
    async with study_in(database_url, tmp_path, active_threads=1) as study:
        acts = [
            (act, which) for which in (0, 1) for act in ("say", "unarchive", "delete", "restore", "rename")
        ]
        await use_is_no_forgery(study, acts, acts, FEW)
        kinds = {row["type"] for row in await rows(study.record, "events")}
        assert {"thread_archived", "thread_unarchived"} <= kinds


async def test_nor_is_a_form_that_is_answered_left_or_opened_again(database_url: str, tmp_path: Path) -> None:
    """Forms that were open when the export was made, closed since, and come back with a branch."""
    async with study_in(database_url, tmp_path) as study:
        before = [("ask", 0), ("answer", 0), ("ask", 0), ("ask", 1), ("ask", 2), ("edit", 2), ("ask", 2)]
        after = [
            ("answer", 0),
            ("say", 1),
            ("edit", 2),
            ("walk", 2),
            ("walk", 2),
            ("answer", 2),
            ("delete", 1),
        ]
        await use_is_no_forgery(study, before, after, FEW)
        states = {row["state"] for row in await rows(study.record, "forms")}
        assert {"answered", "left"} <= states


async def test_nor_is_an_intent_that_moves(sqlite_url: str, tmp_path: Path) -> None:
    """Begun, known, completed, left, offered, declined, taken up, edited away and walked back to."""
    async with study_in(sqlite_url, tmp_path) as study:
        before = [("want", 0), ("get_done", 0), ("want", 0), ("want", 1), ("sweep", 0), ("answer_offer", 1)]
        after = [("answer_offer", 0), ("know", 0), ("take_up", 1), ("get_done", 1), ("want", 1), ("edit", 1)]
        after += [("walk", 1), ("want", 0), ("get_done", 0), ("want", 2), ("sweep", 0), ("delete", 1)]
        before, after = [*before, ("want", 2)], [*after, ("restore", 1)]
        await use_is_no_forgery(study, before, after, FEW)
        moves = await rows(study.record, "intent_moves")
        told = {(row["move"], row["cause"]) for row in moves}
        assert {move for move, _ in told} == {one.value for one in IntentMove}
        assert {("abandoned", "idle"), ("abandoned", "replaced"), ("continued", "participant")} <= told


@pytest.mark.parametrize(
    ("way", "also", "forgeries"),
    [
        ("whole", "tag", FORGERIES),
        ("all that was", "edit", {name: partial(otherwise, name) for name in SAID}),
    ],
    ids=["rows", "what they say"],
)
async def test_a_forged_intent_is_wrong(
    sqlite_url: str, tmp_path: Path, way: str, also: str, forgeries: dict[str, Any]
) -> None:
    """A row or a move of an intent, and each thing that it says, whatever other intents have done since."""
    async with study_in(sqlite_url, tmp_path) as study:
        world = World(study.record)
        await world.begin()
        await world.act("want", 0)
        out = await study.exported_in(way, world)
        study.go_on()
        for act in ("know", "sweep", "answer_offer", "get_done", "want", also):
            await world.act(act, 0)
        assert await study.wrong(out) == []
        assert world.quiet is not None
        for name in ("intents", "intent_moves"):
            place = [row["thread_id"] for row in rows_of(out, name)].index(world.quiet.thread_id)
            for how, forgery in forgeries.items():
                forged = out.with_name("forged")
                shutil.copytree(out, forged)
                with suppress(ExportError):
                    forge_rows(forged, name, lambda rows: forgery(TABLE[name], rows, place))  # noqa: B023
                    assert await study.wrong(forged), (name, how)
                shutil.rmtree(forged)


async def test_nor_is_an_answer_whose_question_was_removed(sqlite_url: str, tmp_path: Path) -> None:
    """A message is taken off the screen and its answer stays: it keeps its run and its call, and joins."""
    async with study_in(sqlite_url, tmp_path) as study:
        await use_is_no_forgery(study, [("remove_message", 0), ("rate", 0)], [], ["whole"])
        out = tmp_path / "out 1"
        standing = [row for row in rows_of(out, "messages") if row["role"] == "assistant"]
        assert all(row["run_id"] and row["llm_call_id"] for row in standing)
        assert any(row["message_id"] is None for row in rows_of(out, "runs"))


async def lived(study: Study) -> World:
    """All has happened in it, but to one."""
    world = World(study.record)
    await world.begin()
    for act in ACTS:
        if act != "withdraw":
            await world.act(act, 0)
    return world


@pytest.mark.parametrize(
    ("way", "every"), [("all that was", 7), ("listed", 23), ("listed, all that was", 17), ("said", 29)]
)
async def test_a_forgery_is_wrong_whatever_else_has_happened(
    request: pytest.FixtureRequest, tmp_path: Path, way: str, every: int
) -> None:
    """A row dropped, made up, repeated, moved, reworded or redated, in each table; the manifest agrees."""
    on = "postgres_url" if way == "listed, all that was" else "sqlite_url"
    async with study_in(request.getfixturevalue(on), tmp_path) as study:
        world = await lived(study)
        out = await study.exported_in(way, world)
        study.go_on()
        for act in ("say", "delete", "restore", "rename", "code", "recover", "again", "walk_answers"):
            await world.act(act, 1)
        assert await study.wrong(out) == []
        assert world.quiet is not None
        ids = {world.quiet.thread_id, world.quiet.participant_id}
        tried = set()
        for number, (table, forgery) in enumerate(product(TABLE.values(), FORGERIES.values())):
            # All of them upon what was said; of the others few, each table's another.
            if (table.name != "messages" and number % every) or not (out / f"{table.name}.parquet").is_file():
                continue
            rows = rows_of(out, table.name)
            theirs = [place for place, row in enumerate(rows) if ids & {*map(str, row.values())}]
            if not (rows and (theirs or "thread_id" not in rows[0])):
                continue
            forged = out.with_name("forged")
            shutil.copytree(out, forged)
            place = theirs[-1] if theirs else 0
            with suppress(ExportError):
                forge_rows(forged, table.name, lambda rows: forgery(table, rows, place))  # noqa: B023
                tried.add((table.name, forgery.__name__))
                assert await study.wrong(forged), (table.name, forgery.__name__)
            shutil.rmtree(forged)
        assert {name for _, name in tried} == set(FORGERIES)
        assert len({name for name, _ in tried}) > 50 // every


@pytest.mark.parametrize("how", LISTS)
async def test_nor_may_the_list_of_threads_be_another(sqlite_url: str, tmp_path: Path, how: str) -> None:
    """The list of the chosen threads is forged, and the manifest with it: others were exported."""
    async with study_in(sqlite_url, tmp_path) as study:
        world = World(study.record)
        await world.begin()
        out = await study.exported_in("listed", world)
        study.go_on()
        await world.act("say", 0)
        assert world.quiet is not None
        # One in which nothing happened since: of another a row may have left with it.
        quiet = world.quiet.thread_id
        forge_list(out, lambda ids: LISTS[how](sorted(ids, key=quiet.__ne__), world.talks[1].thread_id))
        assert await study.wrong(out)


async def test_a_row_of_a_restored_thread_is_still_missed(migrated_sqlite: Path, folder: Path) -> None:
    """A thread comes back whole: a row of one that the export holds did not come with it, nor its words."""
    async with study_in(*fresh(migrated_sqlite, folder)) as study:
        world = World(study.record)
        await world.begin()
        out = await study.exported()
        study.go_on()
        for act in ("delete", "restore", "rename"):
            await world.act(act, 0)
        thread = world.talks[0].thread_id
        of_it = next(i for i, row in enumerate(rows_of(out, "messages")) if row["thread_id"] == thread)
        for forgery in (FORGERIES["drop"], FORGERIES["redate"]):
            forged = out.with_name(f"forged by {forgery.__name__}")
            shutil.copytree(out, forged)
            forge_rows(forged, "messages", lambda rows: forgery(TABLE["messages"], rows, of_it))  # noqa: B023
            assert any(one.startswith("messages") for one in await study.wrong(forged)), forgery


async def test_what_has_happened_since_is_said_in_words(database_url: str, tmp_path: Path) -> None:
    """A conversation that was deleted at the snapshot and is restored since is named; nothing is wrong."""
    async with study_in(database_url, tmp_path) as study:
        world = World(study.record)
        await world.begin()
        await world.act("delete", 2)
        out = await study.exported()
        study.go_on()
        await world.act("restore", 2)
        await world.act("say", 0)
        proof = await asyncio.to_thread(prove, out, study.url)
        assert proof.wrong == []
        at = f"{proof.at:%Y-%m-%d %H:%M} UTC"
        since = "1 conversation was restored and 6 messages came"
        assert proof.sentence == f"is whole as of {at}; since then {since}."
