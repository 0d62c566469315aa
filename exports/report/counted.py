"""What an export's tables say of a study as a whole: the numbers of its report, and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from data_layer.people.participants import IMPORTED, SIMULATED
from exports.assignment.kept import KeptLedger, kept_ledgers
from exports.columns.derived import ReadColumns
from exports.registry import TABLES
from exports.rows.iso import raw_values
from study.assignment import Dropout, LedgerEvent, dropout_by_condition
from study.flow.counts import Flow, StageFlow
from study.protocol.definition import COMPLETED
from study.vocabulary import Status

# What is read, in the order of CountedStudy's reckoning.
READ: Final = (
    "participants",
    "participations",
    "stage_visits",
    "withdrawals",
    "consents",
    "ledgers",
    "assignments",
    "threads",
    "llm_calls",
)


@dataclass(frozen=True)
class Arm:
    """What became of those who were assigned to a condition.

    Args:
        assigned: All of them.
        withdrew: Whose data were erased.
        under_way: Who have not ended.
        endings: How taking part ended, of the others.
        usable: Whose data are meant to be analysed.
        why_not: Why the others' who ended are not, by reason.
    """

    assigned: int
    withdrew: int
    under_way: int
    endings: Mapping[str, int]
    usable: int
    why_not: Mapping[str, int]


@dataclass(frozen=True)
class ServedModel:
    """A model on one day.

    Args:
        day: By UTC.
        provider: Who was asked.
        asked: The model that was asked for.
        served: The one that the provider says it served; "" where it says none.
        calls: How many.
        failed: How many of them had no whole answer.
    """

    day: str
    provider: str
    asked: str
    served: str
    calls: int
    failed: int


@dataclass(frozen=True)
class CountedStudy:
    """A study as its export counts it.

    Args:
        flow: Everybody who came.
        first: The day on which the first began; "" where nobody has.
        last: The last day on which somebody began or ended.
        consents: How often each version of the consent was agreed to and refused.
        why_not: Why who has ended is not usable, by reason.
        arms: By condition.
        dropout: Whether people left more often in one.
        ledgers: With the plans.
        models: By day.
        parameters: What models were sent beside the conversation, as JSON: how often.
        prompts: How many different prompts were sent.
    """

    flow: Flow
    first: str
    last: str
    consents: Mapping[tuple[str, str], int]
    why_not: Mapping[str, int]
    arms: Mapping[str, Arm]
    dropout: Dropout
    ledgers: tuple[KeptLedger, ...]
    models: tuple[ServedModel, ...]
    parameters: Mapping[str, int]
    prompts: int


@dataclass
class _Calls:
    days: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    failed: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    parameters: Counter[str] = field(default_factory=Counter)
    prompts: set[str] = field(default_factory=set)


def counted_study(read: Mapping[str, ReadColumns]) -> CountedStudy | None:
    """Count.

    Args:
        read: Reads some columns of the tables READ.

    Returns:
        None where nobody has begun a protocol. Simulated participants are counted only where all are; those
        who were imported never.
    """
    sources = dict(_rows(read, "participants", "participant_id", "source"))
    standing = {
        row[0]: row[1:]
        for row in _rows(
            read, "participations", "participant_id", "stage_id", "condition", "ending", "usable", "why_not"
        )
    }
    moments = list(
        _rows(read, "participations", "participant_id", "began_at", "ended_at", "attention_failed")
    )
    came = {one for one, source in sources.items() if source != IMPORTED}
    people = {one for one in came if sources[one] != SIMULATED} or came
    standing = {one: row for one, row in standing.items() if one in people}
    if not standing:
        return None
    gone = {row[0] for row in _rows(read, "withdrawals", "participant_id")} & people
    ledgers = tuple(kept_ledgers(read))
    arms = _arms(standing, ledgers)
    left = {
        name: (sum(arm.endings.values()) - arm.endings.get(COMPLETED, 0), sum(arm.endings.values()))
        for name, arm in arms.items()
    }
    days = [at[:10] for one, *both, _ in moments if one in people for at in both if at]
    calls = _calls(read, people)
    decided = _rows(read, "consents", "participant_id", "version", "decision")
    return CountedStudy(
        flow=_flow(read, people, standing, gone, {row[0] for row in moments if row[3] and row[0] in people}),
        first=min(days, default=""),
        last=max(days, default=""),
        consents=Counter((version, decision) for one, version, decision in decided if one in people),
        why_not=_reasons(standing.values()),
        arms=arms,
        dropout=dropout_by_condition(left),
        ledgers=ledgers,
        models=tuple(ServedModel(*key, calls.days[key], calls.failed[key]) for key in sorted(calls.days)),
        parameters=calls.parameters,
        prompts=len(calls.prompts),
    )


def _flow(
    read: Mapping[str, ReadColumns],
    people: set[str],
    standing: Mapping[str, tuple[Any, ...]],
    gone: set[str],
    inattentive: set[str],
) -> Flow:
    order, kinds, assigned_at = _stages(read, people)
    endings: dict[str, Counter[str]] = defaultdict(Counter)
    here: Counter[str] = Counter()
    for stage_id, _, ending, *_ in standing.values():
        if ending is None:
            here[stage_id] += 1
        else:
            endings[stage_id][ending] += 1
    stages, further = list[StageFlow](), 0
    for stage_id in reversed(order):
        own = here[stage_id] + endings[stage_id].total()
        ended = _by_number(endings[stage_id])
        stages.append(StageFlow(stage_id, kinds[stage_id], further + own, further, here[stage_id], ended))
        further += own
    every = sum(endings.values(), Counter[str]())
    usable = sum(1 for row in standing.values() if row[3])
    return Flow(
        came=len(people),
        unopened=len(people - standing.keys() - gone),
        withdrew=len(gone - standing.keys()),
        elsewhere=len(standing) - further,
        stages=stages[::-1],
        endings=_by_number(every),
        usable=usable,
        not_usable=every.total() - sum(1 for row in standing.values() if row[3] and row[2] is not None),
        inattentive=len(inattentive),
        assigned=sum(1 for row in standing.values() if row[1] is not None),
        assigned_at=assigned_at,
    )


def _stages(read: Mapping[str, ReadColumns], people: set[str]) -> tuple[list[str], dict[str, str], str]:
    """The stages in the order in which people came to them, what they are, and which one assigns."""
    rows = _rows(read, "assignments", "participant_id", "event", "created_at")
    assigned = {one: datetime.fromisoformat(at) for one, event, at in rows if event == LedgerEvent.ASSIGNED}
    # How far a page's beginning is from the assignment: both are of one move.
    nearest: dict[str, tuple[timedelta, str]] = {}
    places: dict[str, int] = {}
    kinds: dict[str, str] = {}
    first: dict[str, str] = {}
    paths: dict[str, dict[str, int]] = defaultdict(dict)
    # In the order of the table: by participant and visit.
    for one, stage_id, kind, at in _rows(
        read, "stage_visits", "participant_id", "stage_id", "kind", "entered_at"
    ):
        if one in people:
            place = paths[one].setdefault(stage_id, len(paths[one]))
            places[stage_id] = max(place, places.get(stage_id, place))
            kinds[stage_id] = kind
            first[stage_id] = min(at, first.get(stage_id, at))
            if one in assigned:
                away = abs(datetime.fromisoformat(at) - assigned[one])
                nearest[one] = min((away, stage_id), nearest.get(one, (timedelta.max, "")))
    begins = Counter(stage_id for _, stage_id in nearest.values())
    order = sorted(places, key=lambda one: (places[one], first[one]))
    return order, kinds, max(begins, key=lambda one: begins[one], default="")


def _arms(standing: Mapping[str, tuple[Any, ...]], ledgers: tuple[KeptLedger, ...]) -> dict[str, Arm]:
    # Of who has withdrawn the ledger keeps the place, and nobody's name.
    erased = Counter(
        row.condition
        for ledger in ledgers
        for row in ledger.rows
        if row.event == LedgerEvent.ASSIGNED and row.participant is None
    )
    planned = [one.name for ledger in ledgers for one in ledger.plan.conditions]
    seen = sorted({row[1] for row in standing.values() if row[1] is not None})
    arms = {}
    for name in dict.fromkeys((*planned, *seen)):
        rows = [row for row in standing.values() if row[1] == name]
        endings = Counter(row[2] for row in rows if row[2] is not None)
        arms[name] = Arm(
            assigned=len(rows) + erased[name],
            withdrew=erased[name],
            under_way=len(rows) - endings.total(),
            endings=_by_number(endings),
            usable=sum(1 for row in rows if row[3]),
            why_not=_reasons(rows),
        )
    return arms


def _calls(read: Mapping[str, ReadColumns], people: set[str]) -> _Calls:
    threads = {one for one, who in _rows(read, "threads", "thread_id", "participant_id") if who in people}
    calls = _Calls()
    for thread_id, at, provider, asked, served, parameters, prompt, status in _rows(
        read,
        "llm_calls",
        "thread_id",
        "started_at",
        "gen_ai_provider_name",
        "gen_ai_request_model",
        "gen_ai_response_model",
        "request_parameters",
        "prompt_hash",
        "status",
    ):
        if thread_id in threads:
            key = (at[:10], provider or "", asked or "", served or "")
            calls.days[key] += 1
            calls.failed[key] += status == Status.FAILED
            calls.parameters[parameters or "{}"] += 1
            calls.prompts |= {prompt} - {None}
    return calls


def _reasons(rows: Any) -> dict[str, int]:
    return _by_number(Counter(row[4] for row in rows if row[2] is not None and not row[3] and row[4]))


def _by_number(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (pair[0] != COMPLETED, -pair[1], pair[0])))


def _rows(read: Mapping[str, ReadColumns], table: str, *names: str) -> Iterator[tuple[Any, ...]]:
    columns = next(one for one in TABLES if one.name == table)
    for batch in read[table](tuple(columns.column(name) for name in names)):
        yield from zip(*raw_values(batch), strict=True)
