"""What is asked of an export."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from data_layer.database.ids import is_uuid
from data_layer.review.filter_fields import FIELDS, LONGEST
from study.errors import ExportError
from study.text import beginning

FORMATS: Final = ("parquet", "csv", "jsonl")
# For programs that cannot hold every text: beside them always stands one of the formats above, which can.
OFFICE: Final = ("xlsx", "sav", "dta")
# Of what was typed, in a message.
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is exported, and how.

    `since` and `until` choose whole threads: those that were under way at some time from `since`
    (included) to `until` (not included), which is to say: the participant's last message came at or
    after `since`, and the thread began before `until`.

    Args:
        formats: Each table is written in each of them; in CSV as well where none of them keeps all (OFFICE).
        tables: Names of tables; all when empty.
        since: See above; aware.
        until: See above; aware.
        agent: Only threads with this agent.
        participant: Only threads of this participant (the pseudonym, participant_id).
        where: Only threads that the page of threads in the researchers' room would show for these fields
            (data_layer/review/filter_fields.py); `q` is a search, `code` may be a code's name.
        view: Only threads of the saved view with this name.
        threads: Only these threads, by thread_id.
        include_deleted: Also what has left the screen: deleted threads, edited-away and removed messages, the
            runs, calls, steps and revisions under them, ratings that were changed or taken back.
        include_identities: Also the table that says who participants are.
        include_vectors: Also the table of what a model made of messages for the search by meaning.
    """

    formats: tuple[str, ...] = ("parquet",)
    tables: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    agent: str | None = None
    participant: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    view: str | None = None
    threads: tuple[str, ...] | None = None
    include_deleted: bool = False
    include_identities: bool = False
    include_vectors: bool = False

    def __post_init__(self) -> None:
        _known("format", self.formats, (*FORMATS, *OFFICE))
        if not self.formats:
            raise ExportError(f"An export needs a format. Write it like: --format {FORMATS[0]}")
        if not set(self.formats) & set(FORMATS):
            object.__setattr__(self, "formats", (*self.formats, "csv"))
        for name, moment in (("since", self.since), ("until", self.until)):
            if moment is not None and moment.tzinfo is None:
                raise ExportError(f"{name}: {moment.isoformat()} has no time zone; times are UTC.")
        if self.since and self.until and self.since >= self.until:
            raise ExportError(
                f"--since {self.since.isoformat()} does not lie before --until {self.until.isoformat()}; "
                "no thread can match. Exchange the two."
            )
        _known("where", tuple(self.where), FIELDS)
        if wrong := [one for one in self.threads or () if not is_uuid(one)]:
            raise ExportError(
                f"--threads-from: {beginning(wrong[0], _SHOWN)!r} is no thread_id. Write one a line, as the "
                "column thread_id of an exported threads table has them."
            )

    @property
    def chooses(self) -> bool:
        """Whether threads are looked for once, and then exported by their ids."""
        return bool(self.where) or self.view is not None or self.threads is not None

    @property
    def filtered(self) -> bool:
        """Whether threads are left out by a condition that is asked again of each row."""
        return any(one is not None for one in (self.since, self.until, self.agent, self.participant))


def parse_names(what: str, given: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Read names that were given one by one, or separated by commas.

    Args:
        what: The option's name, for the message.
        given: As typed.
        known: What there is.

    Returns:
        The names, each once, in the order given.

    Raises:
        ExportError: There is no such name.
    """
    names = tuple(dict.fromkeys(n.strip() for part in given for n in part.split(",") if n.strip()))
    _known(what, names, tuple(known))
    return names


def parse_where(given: Iterable[str]) -> dict[str, str]:
    """Read fields of the page of threads, each written as NAME=VALUE.

    Raises:
        ExportError: There is no such field.
    """
    fields = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            raise ExportError(f"--where: {one!r} has no sign =. Write it like: --where stopped=yes")
        fields[name.strip()] = beginning(value.strip(), LONGEST)
    _known("where", tuple(fields), FIELDS)
    return {name: value for name, value in fields.items() if value}


def parse_moment(option: str, text: str | None) -> datetime | None:
    """Read a date or time; one without a zone is UTC.

    Raises:
        ExportError: It is neither.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ExportError(
            f"{option}: {text!r} is not a date or a time. Write it like: {option} 2026-03-31 or "
            f"{option} 2026-03-31T14:30:00Z"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _known(what: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise ExportError(
                f"--{what}: there is no {what} {name!r}. Choose among: {', '.join(known)}. "
                f"Write it like: --{what} {known[0]}"
            )
