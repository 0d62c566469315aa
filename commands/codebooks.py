"""`python cli.py codebook`: import codes from a file or from another study's export, and undo that."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.opened import with_record
from commands.shown import for_people, screen

if TYPE_CHECKING:
    from data_layer.coding.codebook_import import ImportPlan
    from data_layer.people.researchers import Researcher
    from data_layer.record import Record

codebook = typer.Typer(no_args_is_help=True, help="The codes that researchers give: import them, undo that.")

By = Annotated[str, typer.Option(help="The researcher in whose name it is done: an owner or a researcher.")]


@codebook.command("import")
@for_people
def import_codes(
    path: Annotated[Path, typer.Argument(help="A CSV file, an export's folder, or its zip.")],
    by: By = "owner",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Show what an import would add and change, ask, and do it; codes that are not in the file stay."""
    from data_layer.coding.codebook_carried_out import carry_out
    from data_layer.coding.codebook_import import plan_of
    from exports.codes_file import codes_at
    from study.errors import CodingError

    content = codes_at(path)

    async def work(record: "Record") -> str:
        who, codes = await _writer(record, by), await record.codebook.newest()
        plan = plan_of(content, codes)
        _show(plan)
        if not plan.added and not plan.changed:
            return ""
        before = await _version(record)
        if not yes and not typer.confirm("Import them?", err=True):
            raise typer.Exit(1)
        if await _version(record) != before:
            raise CodingError("The codebook was changed in the meantime. Import again, and look anew.")
        counts = {"added": len(plan.added), "changed": len(plan.changed)}
        await record.audit.note(
            "codebook_imported",
            name="command line",
            researcher_id=who.researcher_id,
            details={**counts, "since_version": before},
        )
        return f"{before}-{await carry_out(record.codebook, plan, codes, who.researcher_id, who.name)}"

    versions = with_record(work)
    if not versions:
        screen.print("There is nothing to import.", style="green")
        return
    screen.print(f"Imported. To take it back: cli.py codebook undo {versions}", markup=False, style="green")
    typer.echo(versions)


@codebook.command("undo")
@for_people
def undo_import(
    versions: Annotated[str, typer.Argument(help="Of the codebook, as the import named them, such as 4-9.")],
    by: By = "owner",
) -> None:
    """Take an import back: codes that nobody has changed since read as they did before it."""
    from study.errors import CodingError
    from study.numbers import whole_number

    first, _, last = versions.partition("-")
    since, until = whole_number(first), whole_number(last)
    if since is None or until is None:
        raise CodingError(f"{versions!r} names no versions. Write them like: 4-9")

    async def work(record: "Record") -> None:
        who = await _writer(record, by)
        await record.audit.note(
            "codebook_import_undone",
            name="command line",
            researcher_id=who.researcher_id,
            details={"since_version": since, "until_version": until},
        )
        await record.codebook.undo(since, until, who.researcher_id, who.name)

    with_record(work)
    screen.print("The import is taken back.", style="green")


async def _writer(record: "Record", name: str) -> "Researcher":
    """Whoever writes the codebook."""
    from study.errors import AccountError
    from study.roles import Right, may

    found = await record.researchers.find(name)
    if found is None or found.disabled_at is not None:
        raise AccountError(f"There is no researcher {name!r}. Name another: --by NAME")
    if not may(found.role, Right.CODEBOOK):
        raise AccountError(f"A {found.role} does not write the codebook. Name another: --by NAME")
    return found


async def _version(record: "Record") -> int:
    history = await record.codebook.history()
    return history[0].version if history else 0


def _show(plan: "ImportPlan") -> None:
    for number, why in plan.refused:
        screen.print(f"Line {number} cannot be taken: {why}", markup=False, style="red")
    for line in plan.added:
        screen.print(f"New: {line.name}{f' under {line.parent}' if line.parent else ''}", markup=False)
    for _, now in plan.changed:
        screen.print(f"Changed: {now.name}", markup=False)
    if plan.same:
        screen.print(f"{plan.same} read so already.", markup=False, style="dim")
