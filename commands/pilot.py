"""`python cli.py pilot STUDY`: simulated participants go through a study before anybody else does."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.shown import for_people, screen

if TYPE_CHECKING:
    from commands.piloting.serving import PilotServer
    from simulation.protocol.journal import WalkJournal
    from study.loader import LoadedStudy
    from study.protocol.definition import Protocol

_SHOWN = 10  # complaints on the screen; the report has all


@for_people
def pilot(
    folder: Annotated[Path, typer.Argument(help="The folder with study.yaml in it.")],
    out: Annotated[Path, typer.Option(help="A new folder: report, export, the pilot's own data.")],
    participants: Annotated[int, typer.Option(min=1, max=1000, help="How many are sent.")] = 50,
    within: Annotated[
        float, typer.Option(min=0.1, max=600, help="Minutes after which it ends, whoever is still inside.")
    ] = 15.0,
    served: Annotated[
        bool,
        typer.Option("--served", help="Ask the settings' models, which may cost, and no stand-in."),
    ] = False,
) -> None:
    """Send simulated participants through the real pages, and say what stands against going live."""
    from commands.piloting.page import draw_readiness
    from commands.piloting.readiness import TABLES, readiness_of
    from exports.reading import load
    from study.errors import SimulationError, StudyFileError
    from study.loader import load_study

    study = load_study(folder)
    protocol = study.definition.protocol
    if protocol is None:
        raise StudyFileError(
            f"{folder} has no protocol to walk through. `cli.py simulate` lets participants talk without one."
        )
    if study.definition.login.mode == "password":
        raise StudyFileError(
            f"{folder}: a pilot comes in by names or links, and login.mode is password. Try it in a copy "
            "with `mode: claim`."
        )
    if out.exists() and any(out.iterdir()):
        raise SimulationError(f"{out} is not empty. Name a new folder, like: --out {out}-2")
    out.mkdir(parents=True, exist_ok=True)
    server, journals = asyncio.run(_walk(study, protocol, out, participants, within * 60, served))
    asyncio.run(_mark(server.database_url))
    kept = out / "export"
    is_written, said = server.exports(str(kept), "--format", "parquet", "--format", "csv")
    if not is_written:
        raise SimulationError(f"The pilot's export failed: {said}")
    checked = server.exports("verify", str(kept))
    frames = load(kept, tables=TABLES)
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = {
        name: frame.astype(object).where(frame.notna(), None).to_dict("records")
        for name, frame in frames.items()
    }
    told = readiness_of(study, protocol, journals, tables, checked)
    (out / "readiness.json").write_text(
        json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    page = draw_readiness(told, study.definition.title)
    (out / "readiness.html").write_text(page, encoding="utf-8")
    _say(told, out)


def _say(told: Mapping[str, Any], out: Path) -> None:
    usable = ", ".join(f"{count} {name}" for name, count in told["usable"].items())
    screen.print(f"{told['participants']} simulated participants; usable: {usable}.", markup=False)
    for complaint in told["complaints"][:_SHOWN]:
        screen.print(f"- {complaint}", markup=False, style="yellow")
    if len(told["complaints"]) > _SHOWN:
        screen.print(f"… and {len(told['complaints']) - _SHOWN} more.", markup=False)
    look = "green" if not told["complaints"] else "yellow"
    screen.print(f"See {out / 'readiness.html'}.", markup=False, style=look)


async def _walk(
    study: "LoadedStudy", protocol: "Protocol", out: Path, count: int, within_s: float, served: bool
) -> "tuple[PilotServer, list[WalkJournal]]":
    from commands.piloting.knowledge import reader_of
    from commands.piloting.serving import PilotServer
    from data_layer.people.links import make_links
    from simulation.browser import Door
    from simulation.progress import shown
    from simulation.protocol.crowd import Crowd, walk_all
    from simulation.protocol.stand_in import stand_in_model

    async with stand_in_model() as address:
        server = PilotServer(study.folder, out / "data", _models(None if served else address))
        with server.running(), shown("participants through") as progress:
            paths = []
            if study.definition.login.mode == "link":
                made = make_links(count, server.url, secret=server.secret, study_id=study.definition.id)
                paths = [one.url.removeprefix(f"{server.url}/") for one in made]
            journals = await walk_all(
                Door(server.url),
                Crowd(count, within_s=within_s),
                reader_of(study, protocol),
                paths=paths,
                progress=progress,
            )
    return server, journals


def _models(stand_in: str | None) -> dict[str, str]:
    """How the pilot's server reaches models: a stand-in on loopback, or those of the settings."""
    from settings import load_settings

    settings = load_settings()
    more = {"VERBATIM_PRICES": str(settings.prices_file.absolute())} if settings.prices_file else {}
    if stand_in is not None:
        # The stand-in plays dead for some: the others ask on.
        return more | {
            "OPENAI_BASE_URL": stand_in,
            "OPENAI_API_KEY": "stand-in",
            "VERBATIM_MODEL": settings.model or "stand-in",
            "VERBATIM_MODEL_RETRIES": "0",
            "VERBATIM_MODEL_FAILURES": "0",
        }
    if settings.openai_base_url is not None:
        more["OPENAI_BASE_URL"] = settings.openai_base_url
    if settings.openai_api_key is not None:
        more["OPENAI_API_KEY"] = settings.openai_api_key.get_secret_value()
    return more | ({"VERBATIM_MODEL": settings.model} if settings.model else {})


async def _mark(database_url: str) -> None:
    from data_layer.database.engine import open_database
    from data_layer.people.participants import mark_simulated

    database = open_database(database_url)
    try:
        await mark_simulated(database)
    finally:
        await database.close()
