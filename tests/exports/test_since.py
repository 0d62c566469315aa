"""What a database says has happened since a snapshot, and whether what an export is asked for is there."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from exports.checks import check_options, check_rows
from exports.columns.scope import Scope
from exports.formats.xlsx import MOST_ROWS
from exports.options import ExportOptions
from exports.rows.snapshot import Snapshot
from exports.rows.taking import take_snapshot
from exports.verify.since import Since, chosen_now, happened_since, order_of, replayed_since
from study.errors import ExportError
from tests.exports.seed import Seed, at, id_of, order

# From when on a row may differ, and when the export's snapshot was taken.
FROM, TAKEN = at(1000), at(1060)
Leave = Callable[[Seed, str, float], object]


def own(**names: Callable[[float], Any]) -> Leave:
    """A trace in the thread's own row."""

    def leave(seed: Seed, thread: str, seconds: float) -> None:
        said = {name: of(seconds) for name, of in names.items()}
        next(one for one in seed.rows["threads"] if one["thread_id"] == id_of(thread)).update(said)

    return leave


def when(seconds: float) -> int:
    """The order of a moment."""
    return order(at(seconds))


def run(seed: Seed, thread: str, seconds: float, **said: Any) -> None:
    """A run of long before."""
    seed.run(f"run {thread}", thread, "message", seconds, **({"ended_at": at(20)} | said))


def call(seed: Seed, thread: str, seconds: float, **said: Any) -> None:
    """A call of long before, with a prompt of its own."""
    seed.call(f"call {thread}", thread, "run", "message", seconds, thread, **({"ended_at": at(20)} | said))


def step(seed: Seed, thread: str, **said: Any) -> None:
    """A message of long before."""
    seed.step(f"step {thread}", thread, 10, "user_message", **said)


def element(seed: Seed, thread: str, seconds: float, **said: Any) -> None:
    """A picture."""
    seed.element(f"element {thread}", thread, "message", seconds, **said)


# What happens in a thread leaves one of these.
TRACES: Final[dict[str, Leave]] = {
    "a thread written": own(version=when),
    "a message written": lambda seed, thread, s: step(seed, thread, version=when(s)),
    "a run begun": lambda seed, thread, s: run(seed, thread, s),
    "a call begun": lambda seed, thread, s: call(seed, thread, s),
    "an event": lambda seed, thread, s: seed.event(f"event {thread}", "error", s, thread_id=id_of(thread)),
    "a thread stirred": own(last_activity_at=at),
    "a thread deleted": own(deleted_at=at),
    "a message deleted": lambda seed, thread, s: step(seed, thread, deleted_at=at(s)),
    "a run ended": lambda seed, thread, s: run(seed, thread, 10, ended_at=at(s)),
    "a run deleted": lambda seed, thread, s: run(seed, thread, 10, deleted_at=at(s)),
    "a call ended": lambda seed, thread, s: call(seed, thread, 10, ended_at=at(s)),
    "an element": lambda seed, thread, s: element(seed, thread, s),
    "an element deleted": lambda seed, thread, s: element(seed, thread, 10, deleted_at=at(s)),
}
ACTS: Final = ("thread_deleted", "thread_restored", "thread_returned", "branch_shown", "message_returned")


@pytest.fixture(scope="module")
def snapshot(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """A thread for each trace, of after the moment and of the moment itself; and one for each act."""
    path = tmp_path_factory.mktemp("since") / "verbatim.db"
    shutil.copyfile(migrated_sqlite, path)
    seed = Seed()
    for trace, leave in TRACES.items():
        for thread, seconds in ((f"{trace} since", 1001), (f"{trace} then", 1000)):
            seed.thread(thread, thread, 5, agent="Early" if thread == "an event then" else "Model")
            leave(seed, thread, seconds)
    for act in ACTS:
        for thread, seconds in ((act, 1061), (f"{act} before", 1060), (f"{act} then", 1000)):
            seed.thread(thread, None, 5, agent="")
            seed.event(thread, act, seconds, thread_id=id_of(thread))
    seed.event("again", "branch_shown", 1062, thread_id=id_of("branch_shown"))
    seed.event("refused", "refused", 1100)
    seed.participant("nobody wrote")
    seed.rows["journal_applied"].append({"entry_id": "entry", "applied_at": at(1001)})
    url = f"sqlite+aiosqlite:///{path}"
    seed.write(url)
    with take_snapshot(url) as taken:
        yield taken


@pytest.fixture
def since(snapshot: Snapshot) -> Since:
    """What has happened since."""
    return happened_since(snapshot, FROM, TAKEN)


@pytest.mark.parametrize("trace", TRACES)
def test_what_happened_in_a_thread_stirred_it(since: Since, trace: str) -> None:
    """It, and whose it is: since the moment, and not at it."""
    assert id_of(f"{trace} since") in since.stirred["thread_id"]
    assert id_of(f"{trace} then") not in since.stirred["thread_id"]
    assert id_of(f"{trace} since") in since.stirred["participant_id"]
    assert id_of(f"{trace} then") not in since.stirred["participant_id"]


def test_the_prompts_of_a_stirred_thread_are_stirred(snapshot: Snapshot, since: Since) -> None:
    """And no others."""
    told = {row["prompt_hash"] for row in prompts_of("a call begun since", "a call ended since")}
    assert since.stirred["prompt_hash"] == told


def prompts_of(*threads: str) -> list[dict[str, Any]]:
    """The prompts that were sent in some threads."""
    seed = Seed()
    for thread in threads:
        call(seed, thread, 10)
    return seed.rows["prompts"]


def test_what_is_in_no_thread_stirs_none(since: Since) -> None:
    """A refusal before anybody came in; a thread of nobody."""
    assert None not in since.stirred["thread_id"]
    assert None not in since.stirred["participant_id"]


def test_threads_come_and_go_by_acts(since: Since) -> None:
    """By a deletion's own moment too; acts of the minute before the snapshot count."""
    acts = ("thread_deleted", "thread_restored", "thread_returned")
    went = {id_of(one) for act in acts for one in (act, f"{act} before")}
    assert since.went == went | {id_of("a thread deleted since")}


def test_rows_come_back_by_acts(since: Since) -> None:
    """A branch that is shown again, a message that is brought back."""
    acts = ("branch_shown", "message_returned")
    assert since.came_back == {id_of(one) for act in acts for one in (act, f"{act} before")}


def test_acts_are_told_of_from_the_snapshot_on(since: Since) -> None:
    """Each as often as it happened, in the threads that are asked for."""
    threads = frozenset(id_of(act) for act in ACTS[1:])
    told = {kind: count for kind, count in since.acts_in(threads).items() if count}
    assert told == dict.fromkeys(ACTS[1:], 1) | {"branch_shown": 2}
    just_then = frozenset(id_of(f"{act} before") for act in ACTS)
    assert not any(since.acts_in(just_then).values())
    assert since.limit == order(FROM)


def test_the_order_of_a_moment_is_exact_to_the_microsecond() -> None:
    """It is compared with orders that writes have taken."""
    assert order_of(at(0)) == 1_772_438_400_000_000
    assert order_of(at(0) + timedelta(microseconds=1)) == 1_772_438_400_000_001


@pytest.mark.parametrize(("seconds", "replayed"), [(1000, True), (1001, False)])
def test_writes_that_waited_in_a_journal_are_known(
    snapshot: Snapshot, seconds: float, replayed: bool
) -> None:
    """By when they reached the database."""
    assert replayed_since(snapshot, at(seconds)) is replayed


def test_an_export_of_now_would_hold_the_chosen_threads(snapshot: Snapshot) -> None:
    """Those of one agent, as it was asked for."""
    assert chosen_now(snapshot, Scope(ExportOptions(agent="Early"))) == {id_of("an event then")}


# Whether what is asked for is there.


def test_a_table_that_a_format_cannot_hold_is_refused() -> None:
    """With both numbers; one that it just holds is written, and so is any where there is no limit."""
    for_excel = ExportOptions(formats=("csv", "xlsx"))
    with pytest.raises(ExportError, match=r"messages has 1,048,576 rows.*1,048,575"):
        check_rows(for_excel, {"threads": 1, "messages": MOST_ROWS + 1})
    check_rows(for_excel, {"threads": 1, "messages": MOST_ROWS})
    check_rows(ExportOptions(formats=("csv",)), {"messages": MOST_ROWS + 1})


def test_what_nobody_bears_is_refused(snapshot: Snapshot) -> None:
    """An empty export would look like an answer; the agents that there are stand in the message."""
    with pytest.raises(ExportError, match="--participant: there is no"):
        check_options(snapshot, ExportOptions(participant=id_of("a thread written since")))
    with pytest.raises(ExportError, match=r"There are: 'Early', 'Model'. Write it like: --agent 'Early'"):
        check_options(snapshot, ExportOptions(agent="Late"))


def test_what_somebody_bears_is_exported(snapshot: Snapshot) -> None:
    """A participant who never wrote too; and whoever asks for nothing gets all."""
    check_options(snapshot, ExportOptions(participant=id_of("nobody wrote"), agent="Model"))
    check_options(snapshot, ExportOptions())


def test_a_study_without_agents_says_so(migrated_sqlite: Path) -> None:
    """With the name that every study may have."""
    none = r"none, for there are no threads yet. Write it like: --agent ELIZA"
    with (
        take_snapshot(f"sqlite+aiosqlite:///{migrated_sqlite}") as snapshot,
        pytest.raises(ExportError, match=none),
    ):
        check_options(snapshot, ExportOptions(agent="Model"))
