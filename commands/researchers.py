"""`python cli.py researcher`, who comes into the researchers' room; `python cli.py audit`, what they did."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from commands.opened import with_record
from commands.shown import FromStdin, for_people, password_from, screen

if TYPE_CHECKING:
    from data_layer.people.researchers import Researcher, Researchers
    from data_layer.record import Record
    from study.roles import ResearcherRole

T = TypeVar("T")

researcher = typer.Typer(no_args_is_help=True, help="Who comes into the researchers' room at /research.")

Who = Annotated[str, typer.Argument(help="The researcher's name.")]
RoleOption = Annotated[
    str, typer.Option(help="owner, researcher, coder or viewer: docs/how-to/let-researchers-in.md")
]


@researcher.command("add")
@for_people
def add_researcher(name: Who, role: RoleOption = "researcher", password_stdin: FromStdin = False) -> None:
    """Make an account, and show its password once."""
    given, as_role = password_from(password_stdin), _role(role)

    async def add(people: "Researchers") -> str:
        return await people.add(name, as_role, given)

    _tell(f"{name} may come in as {as_role}.", given, _with_room("researcher_added", name, add))


@researcher.command("password")
@for_people
def reset_researcher(name: Who, password_stdin: FromStdin = False) -> None:
    """Give a researcher another password, show it once, and sign out whoever is in with the old one."""
    given = password_from(password_stdin)

    async def reset(people: "Researchers") -> str:
        return await people.give_password((await _found(people, name)).researcher_id, given)

    _tell(f"{name} has another password.", given, _with_room("researcher_password_reset", name, reset))


@researcher.command("role")
@for_people
def change_role(name: Who, role: Annotated[str, typer.Argument(help="The new role.")]) -> None:
    """Change what a researcher may do, from their next request on."""
    as_role = _role(role)

    async def change(people: "Researchers") -> None:
        await people.give_role((await _found(people, name)).researcher_id, as_role)

    _with_room("researcher_role_changed", name, change)
    screen.print(f"{name} is {as_role} from now on.", markup=False, style="green")


@researcher.command("disable")
@for_people
def disable_researcher(name: Who) -> None:
    """Let a researcher in no more, and end their sessions."""

    async def disable(people: "Researchers") -> None:
        await people.disable((await _found(people, name)).researcher_id)

    _with_room("researcher_shut_out", name, disable)
    screen.print(f"{name} is shut out.", markup=False, style="green")


@researcher.command("totp-off")
@for_people
def codes_off(name: Who) -> None:
    """Ask a researcher for no one-time code any more: their phone is lost."""

    async def off(record: "Record") -> None:
        whose = await _found(record.researchers, name)
        await record.audit.note("researcher_codes_off", name="command line", target=whose.name)
        await record.one_time_codes.turn_off(whose.researcher_id)

    with_record(off)
    screen.print(f"{name} signs in with the password alone.", markup=False, style="green")


@researcher.command("list")
@for_people
def list_researchers() -> None:
    """List the researchers."""
    for one in _with_room(None, "", lambda people: people.all()):
        shut_out = "  shut out" if one.disabled_at else ""
        codes = "  one-time codes" if one.codes_since else ""
        typer.echo(f"{one.created_at:%Y-%m-%d %H:%M}  {one.role:<10}  {one.name}{codes}{shut_out}")


@researcher.command("first")
@for_people
def first_researcher() -> None:
    """Make the account of the first owner where there is no researcher yet; scripts/run does this."""
    from settings import load_settings
    from study.roles import ResearcherRole

    async def first(people: "Researchers") -> str | None:
        return None if await people.all() else await people.add("owner", ResearcherRole.OWNER)

    password = _with_room(None, "", first)
    if password is not None:
        _with_room("researcher_added", "owner", lambda people: people.all())
        room = f"{load_settings().public_url or ''}/research"
        _tell(f"The researchers' room is at {room}. Its first account is named owner.", None, password)


audit = typer.Typer(no_args_is_help=True, help="The log of who read, searched, exported and restored what.")


@audit.command("verify")
@for_people
def verify_audit(
    expect: Annotated[
        str | None, typer.Option(help="A hash that was the newest once: the log must still hold it.")
    ] = None,
) -> None:
    """Prove that no line of the audit log was changed or taken out."""
    from data_layer.people.audit import prove_chain
    from study.errors import AuditError

    proof = with_record(lambda record: prove_chain(record.database, expect))
    for sentence in proof.wrong:
        screen.print(sentence, markup=False, style="red")
    if proof.wrong:
        raise AuditError(f"The audit log was changed: {len(proof.wrong)} findings in {proof.lines} lines.")
    screen.print(f"The audit log is whole: {proof.lines} lines.", markup=False, style="green")
    typer.echo(proof.newest)


def _role(given: str) -> "ResearcherRole":
    from study.errors import AccountError
    from study.roles import ResearcherRole

    try:
        return ResearcherRole(given)
    except ValueError:
        raise AccountError(f"{given!r} is no role. Choose one of: {', '.join(ResearcherRole)}.") from None


async def _found(people: "Researchers", name: str) -> "Researcher":
    from study.errors import AccountError

    found = await people.find(name)
    if found is None:
        raise AccountError(f"There is no researcher {name!r}. To see all: python cli.py researcher list")
    return found


def _tell(sentence: str, given: str | None, password: str) -> None:
    screen.print(sentence, markup=False, style="green")
    if given is None:
        # Alone on standard output, for who reads it into a file.
        typer.echo(password)
        screen.print("This is the password. It is not shown again.", markup=False)


def _with_room(action: str | None, name: str, work: "Callable[[Researchers], Awaitable[T]]") -> "T":
    """Do something with the researchers, and write it into the audit log."""

    async def noted(record: "Record") -> "T":
        done = await work(record.researchers)
        if action is not None:
            await record.audit.note(action, name="command line", target=name)
        return done

    return with_record(noted)
