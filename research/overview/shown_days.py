"""Which days of a record the overview shows, and whether what was simulated or imported is among them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from data_layer.database.rows import Row
from data_layer.people.participants import IMPORTED, SIMULATED
from data_layer.review.filter_fields import day_of
from data_layer.review.overview import Overview, people_of
from study.errors import QueryError

# Days without anything that part a visit from the days of a study.
FAR: Final = 14
# At most this share of all that happened may lie far away; else those are days of the study, too.
_FEW: Final = 0.05
BUSY: Final = "busy"
_LATELY: Final = {"7": 7, "30": 30}
_KINDS: Final = {"yes": 1, "no": 0}
# Of imported conversations: none unless they are asked for.
_IMPORTED: Final = ("", "with", "only")
FIELDS: Final = ("since", "until", "days", "simulated", "imported")


@dataclass(frozen=True)
class Busy:
    """The days on which most happened, where a few visits lie far from them.

    Args:
        first: The first of them.
        last: The last.
        threads: That began on others.
        participants: Who came on others.
    """

    first: date
    last: date
    threads: int
    participants: int


@dataclass(frozen=True)
class ShownDays:
    """What is shown of a record; None or empty does not narrow.

    Args:
        since: The first day, UTC.
        until: The last.
        days: The quick choice that gave them: "7", "30" or "busy".
        simulated: "yes": only what is of simulated participants; "no": only what is not.
        imported: "with": imported conversations are among it; "only": nothing else; "": they are left out.
    """

    since: date | None = None
    until: date | None = None
    days: str = ""
    simulated: str = ""
    imported: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return self.by_day or bool(self.simulated) or bool(self.imported)

    @property
    def by_day(self) -> bool:
        """Whether days are left out."""
        return self.since is not None or self.until is not None

    @property
    def fields(self) -> dict[str, str]:
        """As the page of threads has them: days are written out."""
        written = {"since": self.since, "until": self.until, "simulated": self.simulated}
        written["imported"] = {"with": "", "only": "yes"}.get(self.imported, "")
        return {name: str(value) for name, value in written.items() if value}

    def address(self, **more: str) -> str:
        """Of this page with other days; the choices about simulated and imported ones stay."""
        asked = {"simulated": self.simulated, "imported": self.imported} | more
        query = urlencode({name: value for name, value in asked.items() if value})
        return "/research/" + (f"?{query}" if query else "")

    def has(self, day: str | None) -> bool:
        """Whether a day is among those shown; what has no day yet is, unless days are left out."""
        if day is None:
            return not self.by_day
        return (self.since is None or day >= self.since.isoformat()) and (
            self.until is None or day <= self.until.isoformat()
        )


def shown_days(asked: Mapping[str, str], found: Overview, busy: Busy | None) -> ShownDays:
    """Read the fields of an address.

    Args:
        asked: Of FIELDS those that are there.
        found: Of all days.
        busy: What `busy_days` says of it.

    Raises:
        QueryError: One of them cannot be read; names it, and says how to write it.
    """
    since, until = (day_of(name, asked.get(key, "")) for name, key in (("From", "since"), ("Until", "until")))
    days, simulated = asked.get("days", ""), asked.get("simulated", "")
    if simulated not in ("", *_KINDS):
        raise QueryError(f"Simulated: “{simulated}” is none of its choices. Write it like: simulated=no")
    if (imported := asked.get("imported", "")) not in _IMPORTED:
        raise QueryError(f"Imported: “{imported}” is none of its choices. Write it like: imported=with")
    if days not in ("", *_LATELY, BUSY):
        raise QueryError(f"Days: “{days}” is none of its choices. Write it like: days=7, days=30, days=busy")
    if days and (since or until):
        raise QueryError("Days: From and Until say it already. Take one or the other out of the address.")
    if since and until and since > until:
        raise QueryError(
            f"From: {since:%Y-%m-%d} is later than Until, {until:%Y-%m-%d}. Write the earlier day into From."
        )
    first, last = since.date() if since else None, until.date() if until else None
    if days in _LATELY:
        first, last = found.at.date() - timedelta(days=_LATELY[days] - 1), found.at.date()
    elif days and busy:
        first, last = busy.first, busy.last
    return ShownDays(first, last, days, simulated, imported)


def narrowed(found: Overview, shown: ShownDays) -> Overview:
    """The figures of what is shown: each row is of a day, and of what was simulated or imported or not."""
    kind = _KINDS.get(shown.simulated)

    def meant(simulated: int, imported: bool) -> bool:
        if imported or shown.imported == "only":
            return imported and bool(shown.imported) and kind != 1
        return kind in (None, simulated)

    def kept(rows: list[Row]) -> list[Row]:
        return [
            row
            for row in rows
            if shown.has(row["day"]) and meant(row.get("simulated", 0), bool(row.get("imported")))
        ]

    arrivals = [
        row
        for row in found.arrivals
        if shown.has(row["day"]) and meant(int(row["source"] == SIMULATED), row["source"] == IMPORTED)
    ]
    return replace(
        found,
        participants=people_of(arrivals),
        arrivals=arrivals,
        days=kept(found.days),
        runs=kept(found.runs),
        calls=kept(found.calls),
        connections=kept(found.connections),
        intents=kept(found.intents),
    )


def simulated_in(found: Overview, shown: ShownDays) -> dict[str, int]:
    """How many simulated participants came on the days shown, and how many threads of theirs began then."""
    theirs = narrowed(found, replace(shown, simulated="yes"))
    return {"participants": theirs.participants["entered"], "threads": threads_of(theirs.days)}


def imported_in(found: Overview, shown: ShownDays) -> dict[str, int]:
    """How many participants were imported with conversations that began on the days shown, and how many."""
    theirs = narrowed(found, replace(shown, simulated="", imported="only"))
    return {"participants": theirs.participants["entered"], "threads": threads_of(theirs.days)}


def threads_of(rows: list[Row]) -> int:
    """How many threads rows of days count."""
    return sum(row["threads"] for row in rows)


def busy_days(found: Overview) -> Busy | None:
    """The days on which most happened; None unless a few visits lie far before or behind them."""
    happened = Counter[str]()
    for row in found.days:
        happened[row["day"]] += row["threads"]
    for row in found.arrivals:
        happened[row["day"]] += row["participants"]
    spells = _spells(sorted(happened))
    if len(spells) < 2:
        return None
    most = max(spells, key=lambda spell: sum(happened[day] for day in spell))
    first, last = most[0], most[-1]
    outside = happened.total() - sum(happened[day] for day in most)
    if outside > _FEW * happened.total():
        return None

    def beyond(rows: list[dict[str, Any]], name: str) -> int:
        return sum(row[name] for row in rows if not first <= row["day"] <= last)

    threads, people = beyond(found.days, "threads"), beyond(found.arrivals, "participants")
    return Busy(date.fromisoformat(first), date.fromisoformat(last), threads, people)


def _spells(days: list[str]) -> list[list[str]]:
    """Days in stretches that many empty ones part."""
    spells: list[list[str]] = []
    for day in days:
        before = spells[-1][-1] if spells else None
        if before is None or date.fromisoformat(day) - date.fromisoformat(before) > timedelta(days=FAR):
            spells.append([])
        spells[-1].append(day)
    return spells
