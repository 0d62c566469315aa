"""What a pilot found, as figures: from the pilot's export, and from what the participants met."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

from commands.piloting.power import FORMULA, power, smallest_found
from simulation.protocol.journal import TURN_S, WORDS_A_MINUTE, WalkJournal
from simulation.protocol.tempers import Temper
from study.loader import LoadedStudy
from study.protocol.definition import FULL, TIMED_OUT, WITHDREW, Protocol
from study.protocol.reaching import unreachable_endings

Rows = Sequence[Mapping[str, Any]]
TABLES: Final = ("participants", "participations", "stage_visits", "llm_calls", "scores", "checks")
_EFFECTS: Final = (0.2, 0.5, 0.8)  # small, medium, large: Cohen (1988)
# A text may be read faster than it is reckoned here; beyond that what participants were told is too little.
_LONGER: Final = 1.1
_CROSSED: Final = 2


def readiness_of(
    study: LoadedStudy,
    protocol: Protocol,
    journals: Sequence[WalkJournal],
    tables: Mapping[str, Rows],
    checked: tuple[bool, str],
) -> dict[str, Any]:
    """All of readiness.json.

    Args:
        study: That was tried.
        protocol: Its protocol.
        journals: What each participant met.
        tables: Of the pilot's export, by name.
        checked: Whether verify proved the export, and what it said.
    """
    people = tables["participations"]
    withdrawn = sum(1 for one in journals if one.is_out)
    endings = Counter(row["ending"] for row in people if row["ending"])
    told: dict[str, Any] = {
        "study": study.definition.id,
        "fingerprint": study.fingerprint,
        "participants": len(journals),
        "tempers": dict(Counter(one.temper.value for one in journals)),
        "usable": _usable(protocol, people),
        "not_usable": dict(Counter(row["why_not"] for row in people if row["why_not"])),
        "endings": {name: endings.get(name, 0) for name in protocol.endings} | {WITHDREW: withdrawn},
        "left": sum(1 for one in journals if one.has_left),
        "endings_not_reached": _not_reached(protocol, endings),
        "endings_unreachable": unreachable_endings(protocol, study.surveys),
        "paths": _paths(protocol, tables["stage_visits"]),
        "minutes": _minutes(protocol, journals),
        "cost": _cost(tables["llm_calls"], people),
        "balance": _balance(protocol, people),
        "export": {"verified": checked[0], "said": checked[1]},
        "scores": len(tables["scores"]),
        "checks": _checks(tables["checks"]),
        "power": _power(protocol),
    }
    return told | {"complaints": list(_complaints(told, protocol, journals, tables))}


def _usable(protocol: Protocol, people: Rows) -> dict[str, int]:
    """How many are usable, by condition; "all" where there are none."""
    names = protocol.conditions.names if protocol.conditions else ("all",)
    found = Counter(row["condition"] or "all" for row in people if row["usable"] is True)
    return {name: found.get(name, 0) for name in names}


def _not_reached(protocol: Protocol, endings: Mapping[str, int]) -> dict[str, str]:
    """Endings that nobody came to, each with why a pilot would or would not."""
    why = {
        FULL: "comes when all places are taken: a pilot of fewer participants than places does not see it",
        TIMED_OUT: "comes when the time is over: a pilot does not wait for it",
    }
    return {name: why.get(name, "nobody came to it") for name in protocol.endings if not endings.get(name)}


def _paths(protocol: Protocol, visits: Rows) -> dict[str, Any]:
    """From where to where participants went, and from where nobody went on."""
    ways: Counter[tuple[str, str]] = Counter()
    by_person: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in visits:
        by_person[row["participant_id"]].append(row)
    for rows in by_person.values():
        rows.sort(key=lambda row: int(row["visit"]))
        for place, row in enumerate(rows):
            if row["ending"]:
                ways[row["stage_id"], f"({row['ending']})"] += 1
            elif place + 1 < len(rows):
                ways[row["stage_id"], rows[place + 1]["stage_id"]] += 1
    stood = {row["stage_id"] for row in visits}
    return {
        "taken": [{"from": a, "to": b, "count": count} for (a, b), count in sorted(ways.items())],
        "stages_never_reached": [stage.id for stage in protocol.stages if stage.id not in stood],
    }


def _minutes(protocol: Protocol, journals: Sequence[WalkJournal]) -> dict[str, Any]:
    """How long a person would take at the least, by those who went to the end with care."""
    careful = [one for one in journals if one.temper is Temper.CAREFUL and one.code is not None]
    through = max((len(one.visits) for one in careful), default=0)
    whole = [one for one in careful if len(one.visits) == through]
    stages: defaultdict[str, list[float]] = defaultdict(list)
    for one in whole:
        for seen in one.visits:
            stages[seen.stage].append(seen.minutes)
    total = median(sum(seen.minutes for seen in one.visits) for one in whole) if whole else None
    return {
        "stages": {name: round(median(found), 2) for name, found in stages.items()},
        "total": round(total, 1) if total is not None else None,
        "promised": protocol.recruit.minutes,
        "formula": f"words / {WORDS_A_MINUTE} a minute + {TURN_S} s a message: the least that a reader needs",
    }


def _cost(calls: Rows, people: Rows) -> dict[str, Any]:
    known = [float(row["cost"]) for row in calls if _is_there(row["cost"])]
    usable = sum(1 for row in people if row["usable"] is True)
    total = sum(known) if known else None
    currencies = sorted({str(row["cost_currency"]) for row in calls if _is_there(row["cost"])})
    return {
        "calls": len(calls),
        "priced": len(known),
        "total": total,
        "per_usable": total / usable if total is not None and usable else None,
        "currency": currencies[0] if currencies else None,
    }


def _balance(protocol: Protocol, people: Rows) -> dict[str, Any]:
    if protocol.conditions is None:
        return {}
    assigned = Counter(row["condition"] for row in people if row["condition"])
    counts = {name: assigned.get(name, 0) for name in protocol.conditions.names}
    return {"assigned": counts, "apart": max(counts.values()) - min(counts.values())}


def _checks(checks: Rows) -> dict[str, dict[str, int]]:
    """Of each kind of check how many were passed and failed."""
    found = Counter((str(row["check_kind"]), bool(row["check_passed"])) for row in checks)
    kinds = sorted({kind for kind, _ in found})
    return {kind: {"passed": found[kind, True], "failed": found[kind, False]} for kind in kinds}


def _power(protocol: Protocol) -> dict[str, Any]:
    if protocol.assign is None or protocol.conditions is None or len(protocol.conditions.names) < _CROSSED:
        return {}
    target = protocol.assign.target
    return {
        "n": target,
        "formula": FORMULA,
        "by_d": {str(d): round(power(target, d), 3) for d in _EFFECTS},
        "smallest_d_at_80_percent": round(smallest_found(target), 3),
    }


def _complaints(
    told: Mapping[str, Any],
    protocol: Protocol,
    journals: Sequence[WalkJournal],
    tables: Mapping[str, Rows],
) -> Iterator[str]:
    yield from told["endings_unreachable"]
    for name, why in told["endings_not_reached"].items():
        if name not in {FULL, TIMED_OUT}:
            yield f"The ending {name} was never reached: {why}. More participants may, or its way is closed."
    for name in told["paths"]["stages_never_reached"]:
        yield f"The stage {name} was never reached."
    for condition, count in told["usable"].items():
        if count == 0:
            yield f"Nobody was usable in {condition}: {_first(told['not_usable']) or 'see the endings'}."
    minutes = told["minutes"]
    if minutes["promised"] and minutes["total"] and minutes["total"] > minutes["promised"] * _LONGER:
        yield (
            f"It takes {minutes['total']:g} minutes at the least, and participants are told "
            f"{minutes['promised']:g} (protocol.recruit.minutes)."
        )
    if not told["export"]["verified"]:
        yield f"The export is not proved by verify: {told['export']['said']}"
    came = sum(1 for one in journals if one.visits)
    kept = len(tables["participants"])
    if kept < came:  # of those who withdrew a row without anything stays
        yield f"{came} came in, and the record has {kept} of them."
    yield from (complaint for one in journals for complaint in one.complaints)


def _first(found: Mapping[str, int]) -> str:
    return max(found, key=lambda name: found[name], default="")


def _is_there(value: object) -> bool:
    return value is not None and value == value
