"""The options that say what an export holds, for each command that takes them."""

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from exports.options import FORMATS, OFFICE, ExportOptions, parse_moment, parse_names, parse_where
from study.errors import ExportError
from study.file_text import MARK, read_text

Text = str | None


def asked(
    format: Annotated[
        list[str],
        typer.Option(help="parquet, csv, jsonl, xlsx (Excel), sav (SPSS), dta (Stata); repeatable."),
    ] = ["parquet"],  # noqa: B006
    tables: Annotated[list[str], typer.Option(help="Only these tables; may be repeated.")] = [],  # noqa: B006
    since: Annotated[Text, typer.Option(help="Only threads with activity at or after this time.")] = None,
    until: Annotated[Text, typer.Option(help="Only threads that began before this time.")] = None,
    agent: Annotated[Text, typer.Option(help="Only threads with this agent.")] = None,
    participant: Annotated[Text, typer.Option(help="Only this participant's threads.")] = None,
    search: Annotated[
        Text,
        typer.Option(help="Only threads with a message that this search finds, as on the page of threads."),
    ] = None,
    code: Annotated[Text, typer.Option(help="Only threads that bear this code of the codebook.")] = None,
    state: Annotated[Text, typer.Option(help="Only threads in this state, such as active.")] = None,
    tag: Annotated[Text, typer.Option(help="Only threads that their participant gave this tag.")] = None,
    model: Annotated[Text, typer.Option(help="Only threads in which this model was asked.")] = None,
    rating: Annotated[
        Text, typer.Option(help="Only threads with a reply that was rated: up or down.")
    ] = None,
    where: Annotated[
        list[str],
        typer.Option(help="NAME=VALUE, any field of the page of threads' address; may be repeated."),
    ] = [],  # noqa: B006
    view: Annotated[Text, typer.Option(help="Only threads of this saved view.")] = None,
    threads_from: Annotated[
        Text, typer.Option(help="Only the threads of this file, one thread_id a line; - reads them.")
    ] = None,
    include_deleted: Annotated[
        bool, typer.Option("--include-deleted", help="Also what has left the screen.")
    ] = False,
    include_identities: Annotated[
        bool, typer.Option("--include-identities", help="Also who participants are.")
    ] = False,
    include_vectors: Annotated[
        bool,
        typer.Option(
            "--include-vectors", help="Also what a model made of messages, for the search by meaning."
        ),
    ] = False,
) -> ExportOptions:
    """Read the options.

    Raises:
        ExportError: One of them will not do.
    """
    from exports.registry import TABLES

    named = {"q": search, "code": code, "state": state, "tag": tag, "model": model, "rating": rating}
    return ExportOptions(
        formats=parse_names("format", format, (*FORMATS, *OFFICE)),
        tables=parse_names("tables", tables, [table.name for table in TABLES]),
        since=parse_moment("--since", since),
        until=parse_moment("--until", until),
        agent=agent,
        participant=participant,
        where=parse_where([*where, *(f"{name}={value}" for name, value in named.items() if value)]),
        view=view,
        threads=_listed(threads_from),
        include_deleted=include_deleted,
        include_identities=include_identities,
        include_vectors=include_vectors,
    )


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all of these options; its first parameter gets what they say, as ExportOptions."""
    own = list(inspect.signature(command).parameters.values())[1:]
    shared = list(inspect.signature(asked).parameters.values())

    @wraps(command)
    def run(**given: Any) -> None:
        choice = {one.name: given.pop(one.name) for one in shared}
        command(lambda: asked(**choice), **given)

    parameters = [*own[:1], *shared, *own[1:]]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def _listed(file: str | None) -> tuple[str, ...] | None:
    if file is None:
        return None
    try:
        # What comes before it on standard input may have been read already: so not its bytes.
        listed = sys.stdin.read().removeprefix(MARK) if file == "-" else read_text(Path(file))
        return tuple(dict.fromkeys(listed.split()))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ExportError(
            f"--threads-from: {file} cannot be read ({reason}). Name a text file with one thread_id a line."
        ) from error
