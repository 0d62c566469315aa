"""What the form of the exports' page asks for, and how the command is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.datastructures import FormData

from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.review.filter_fields import FIELDS, LONGEST
from research.routing import ResearchRequest
from research.threads.filters import Options, filters_in_words
from study.text import beginning
from web.exporting.process import PLAIN
from web.problem import HttpProblem

FORMATS: Final = {
    "parquet": "for pandas, Polars and DuckDB: keeps every type",
    "csv": "for R and spreadsheets",
    "jsonl": "a JSON object a line",
    "xlsx": "for Excel, with CSV beside it",
    "sav": "for SPSS, with CSV beside it",
    "dta": "for Stata, with CSV beside it",
}
# Where an export will be opened, and which formats that needs; who knows better chooses them by hand.
OPENED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "excel": ("Excel", ("xlsx", "csv")),
    "spss": ("SPSS", ("sav", "csv")),
    "stata": ("Stata", ("dta", "csv")),
    "r": ("R", ("csv",)),
    "pandas": ("pandas", ("parquet",)),
    "other": ("another program", ()),
}
_FIRST_SHOWN: Final = "messages"


@dataclass(frozen=True)
class ExportRequest:
    """What is asked for.

    Args:
        where: The fields of the page of threads that narrow.
        threads: Those that were chosen by hand, by id; none were when empty.
        formats: Of FORMATS.
        tables: Names; all that say nothing of who participants are, when empty.
        identities: Whether the table that says it is wanted.
        vectors: Whether what a model made of messages is wanted.
        deleted: Whether what has left the screen is wanted.
        opened: Of OPENED: where it will be opened.
        show: The table that a preview looks into.
        problem: Why it cannot be made like this.
    """

    where: dict[str, str] = field(default_factory=dict)
    threads: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("parquet",)
    tables: tuple[str, ...] = ()
    identities: bool = False
    vectors: bool = False
    deleted: bool = False
    show: str = _FIRST_SHOWN
    opened: str = "pandas"
    problem: str = ""

    def options(self) -> Row:
        """As the command is asked (web/exporting/process.py), and as it is kept."""
        options: dict[str, Any] = {
            "format": list(self.formats),
            "tables": list(self.tables),
            "where": self.where,
            "threads": list(self.threads),
            "include_deleted": self.deleted,
            "include_identities": self.identities,
            "include_vectors": self.vectors,
        }
        return {name: value for name, value in options.items() if value}

    def noted(self) -> Row:
        """As the audit log has it: of threads that were chosen by hand how many."""
        noted = self.options()
        return noted | {"threads": len(self.threads)} if self.threads else noted

    def fields(self) -> dict[str, str]:
        """Every field of the filters, for templates/filters.html."""
        return {name: self.where.get(name, "") for name in FIELDS}


async def asked_in_address(visit: ResearchRequest) -> ExportRequest:
    """What the address of the page asks for: a saved view, or the fields of the page of threads.

    Raises:
        SQLAlchemyError: The database is away.
    """
    views, name = visit.room.record.views, visit.query("view")
    view = await views.one(name, visit.researcher.researcher_id) if name else None
    given = {name: visit.query(name) for name in FIELDS} if view is None else view.query
    return ExportRequest(where=_where(given))


def asked_by(form: FormData, tables: Sequence[Row]) -> ExportRequest:
    """What the form asks for.

    Args:
        form: As it was sent.
        tables: That there are.
    """
    public = [table["name"] for table in tables if not table["personal"]]
    wanted = set(form.getlist("tables"))
    chosen = tuple(name for name in public if name in wanted)
    identities = any(table["personal"] and table["name"] in wanted for table in tables)
    requested = {table["name"] for table in tables if table["on_request"]}
    plain = [name for name in public if name not in requested]
    # A form without the question names formats, as "other" does.
    opened = str(form.get("opened", "other"))
    by_hand = tuple(name for name in FORMATS if name in form.getlist("format"))
    formats = OPENED[opened][1] if opened in OPENED and opened != "other" else by_hand
    problem = "" if formats else "Choose a format, or several."
    if not chosen:
        problem = problem or "Choose a table, or several."
    return ExportRequest(
        where=_where({name: str(form.get(name, "")) for name in FIELDS}),
        threads=chosen_threads(form),
        formats=formats,
        # All of them are not named, so that one that a later version adds is among them as well.
        tables=() if [name for name in chosen if name not in requested] == plain else chosen,
        identities=identities,
        vectors=not requested.isdisjoint(chosen),
        deleted=form.get("include_deleted") == "yes",
        opened=opened if opened in OPENED else "other",
        show=str(form.get("show", _FIRST_SHOWN))[:LONGEST],
        problem=problem,
    )


def options_in_words(options: Row, offered: Mapping[str, Options]) -> list[tuple[str, str]]:
    """What an export was made of, for people: values, those of filters with a label.

    Args:
        options: As they are kept.
        offered: By research/threads/filters.py, for the names of codes and people.
    """
    words = [("", ", ".join(options["format"])), ("", ", ".join(options.get("tables", ())) or "all tables")]
    if options.get("threads"):
        words.append(("threads chosen in the table", f"{len(options['threads']):,}"))
    words += filters_in_words(options.get("where", {}), offered)
    words += [(name, str(options[name])) for name in PLAIN if options.get(name)]
    if options.get("include_deleted"):
        words.append(("", "with what has left the screen"))
    if options.get("include_identities"):
        words.append(("identities", "with who participants are"))
    if options.get("include_vectors"):
        words.append(("", "with what a model made of messages"))
    return words


def chosen_threads(form: FormData) -> tuple[str, ...]:
    """The threads that were chosen by hand: in the field `threads`, once or often, ids with spaces between.

    Raises:
        HttpProblem: One of them is no thread_id.
    """
    ids = tuple(dict.fromkeys(" ".join(str(value) for value in form.getlist("threads")).split()))
    if not all(is_uuid(one) for one in ids):
        raise HttpProblem(400, "These are no threads. Go back to the table of threads, and choose them anew.")
    return ids


def _where(given: Mapping[str, str]) -> dict[str, str]:
    cut = {name: beginning(given[name], LONGEST).strip() for name in FIELDS if name in given}
    return {name: value for name, value in cut.items() if value}
