"""A thread as it is told to a researcher: what was said, what lay behind it, what happened in between."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from data_layer.database.rows import Row
from data_layer.review.thread import WholeThread
from data_layer.writing.restore import has_branches, why_not
from research.thread import branches
from research.thread.entries import Behind, Branch, Change, Day, Entry, Happened, OrphanWork, Pause, Said
from research.thread.happenings import happenings
from research.thread.word_diff import word_diff
from study.vocabulary import MESSAGE_TYPES, StepType

# Shorter ones are how people write.
PAUSE: Final = timedelta(seconds=30)
_MESSAGES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)
_Part = Said | OrphanWork | Happened


def story_of(whole: WholeThread) -> list[Entry]:
    """Tell a thread.

    Returns:
        In the order of time, but for what left the screen with a branch: that stands together, under the
        message where it parted.
    """
    told = _timed([*_said(whole), *happenings(whole)])
    return _Telling(whole, told).told()


def attached_elsewhere(whole: WholeThread) -> list[Row]:
    """What is attached to no message: to a step of work, or to the thread alone."""
    messages = {step["step_id"] for step in whole.steps if step["type"] in _MESSAGES}
    return [element for element in whole.elements if element["message_id"] not in messages]


def _timed(parts: list[_Part]) -> dict[str | None, list[Entry]]:
    """By branch, in order, with the silences and the days between.

    A silence is one of the whole thread: while a participant is in one branch, no other is silent.
    """
    told: defaultdict[str | None, list[Entry]] = defaultdict(list)
    days: dict[str | None, date] = {}
    quiet_since: datetime | None = None
    for entry in sorted(parts, key=_when):
        branch, at = branches.branch_of(entry), _at(entry)
        if quiet_since is not None and (lasted := at - quiet_since) >= PAUSE:
            told[branch].append(Pause(lasted, _size(lasted), f"pause-{_seq(at)}"))
        day = at.astimezone(UTC).date()
        if days.get(branch, day if branch else None) != day:
            told[branch].append(Day(day))
        days[branch] = day
        told[branch].append(entry)
        # What happens while a reply still grows does not end it.
        quiet_since = max(quiet_since or _ended(entry), _ended(entry))
    return told


class _Telling:
    """Puts each branch where it parted."""

    def __init__(self, whole: WholeThread, lists: dict[str | None, list[Entry]]) -> None:
        self._whole = whole
        self._lists = lists
        self._runs = {run["run_id"]: run for run in whole.runs}
        self._below: defaultdict[str, list[str]] = defaultdict(list)
        said = {
            entry.step["step_id"]
            for entries in lists.values()
            for entry in entries
            if isinstance(entry, Said)
        }
        self._left = [name for name in lists if name is not None]
        for name in self._left:
            parting = branches.parting_of(name, self._runs)
            if parting is not None and parting.message_id in said:
                self._below[parting.message_id].append(name)

    def told(self) -> list[Entry]:
        entries = list(self._follow(None))
        # Whose message is not among these: of another part of a long thread, or kept by an older version.
        while self._left:
            entries += self._branch(self._left[0])
        return entries

    def _follow(self, branch: str | None) -> Iterator[Entry]:
        for entry in self._lists.get(branch, ()):
            yield entry
            if isinstance(entry, Said):
                for name in self._below[entry.step["step_id"]]:
                    yield from self._branch(name)

    def _branch(self, name: str) -> list[Entry]:
        if name not in self._left:
            return []
        self._left.remove(name)
        entries = list(self._follow(name))
        own = self._lists[name]
        parting = branches.parting_of(name, self._runs) or branches.Parting("", None)
        times = branches.branches_to_show(name, parting, branches.rows_of_branch(own), self._whole)
        messages = sum(isinstance(entry, Said) for entry in own)
        return [Branch(name, parting.message_id, parting.revision, times, entries, messages)]


def _said(whole: WholeThread) -> Iterable[Said | OrphanWork]:
    calls, work = _by(whole.calls, "run_id"), _by(whole.steps, "run_id")
    revisions, elements = _by(whole.revisions, "step_id"), _by(whole.elements, "message_id")
    ratings = _by(whole.ratings, "message_id")
    behind: defaultdict[str, list[Behind]] = defaultdict(list)
    messages = {step["step_id"] for step in whole.steps if step["type"] in _MESSAGES}
    for run in whole.runs:
        steps = work[run["run_id"]]
        replies = [step for step in steps if step["type"] == StepType.ASSISTANT_MESSAGE.value]
        # A run may say several things, one after the other: it lies behind the last.
        place = replies[-1]["step_id"] if replies else run["message_id"]
        others = [step for step in steps if step["type"] not in _MESSAGES]
        one = Behind(run, calls[run["run_id"]], others)
        if place in messages:
            behind[place].append(one)
        else:
            yield OrphanWork(run["started_at"], [one], branch=run["branch"])
    runs = {run["run_id"] for run in whole.runs}
    turns: set[int] = set()
    branched = has_branches(whole.steps, whole.runs, whole.revisions)
    for step in whole.steps:
        if step["type"] in _MESSAGES:
            name = step["step_id"]
            is_participants = step["type"] == StepType.USER_MESSAGE.value
            one_said = Said(
                step,
                is_participants,
                _changes(revisions[name]),
                behind[name],
                elements[name],
                ratings[name],
                can_return=step["deleted_at"] is not None
                and not why_not(step, whole.thread, whole.runs, has_branches=branched),
            )
            if is_participants and step["deleted_at"] is None and step["turn"] not in turns:
                turns.add(step["turn"])
                one_said = replace(one_said, begins_turn=step["turn"] is not None)
            yield one_said
        elif step["run_id"] not in runs:
            yield OrphanWork(
                step["created_at"], work=[step], branch=step["branch"] if step["deleted_at"] else None
            )


def _changes(states: list[Row]) -> list[Change]:
    return [
        Change(after["revision"], after["created_at"], word_diff(before["output"], after["output"]))
        for before, after in pairwise(states)
        if before["output"] != after["output"]
    ]


def _by(rows: Iterable[Row], name: str) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[name] is not None:
            grouped[row[name]].append(row)
    return grouped


def _at(entry: _Part) -> datetime:
    at: datetime = entry.step["created_at"] if isinstance(entry, Said) else entry.at
    return at


def _ended(entry: _Part) -> datetime:
    if isinstance(entry, Said):
        ended: datetime = entry.step["ended_at"] or entry.step["created_at"]
        return ended
    return entry.at


def _when(entry: _Part) -> tuple[datetime, int]:
    return _at(entry), entry.step["seq"] if isinstance(entry, Said) else 0


def _seq(at: datetime) -> int:
    return round(at.timestamp() * 1_000)


def _size(lasted: timedelta) -> int:
    seconds = lasted.total_seconds()
    return 1 + sum(seconds >= least for least in (120, 600, 3600, 18_000, 86_400))
