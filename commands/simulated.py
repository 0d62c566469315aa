"""`python cli.py simulate`: participants who are none, over the page or straight into the database."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from commands.shown import for_people, screen

if TYPE_CHECKING:
    from demo.plan import DemoPlan
    from demo.study import Made, Progress
    from settings import Settings

# What is said where no file is given: 200 real dialogs, under CC BY 4.0 (tests/data/README.md).
DIALOGS: Final = Path(__file__).resolve().parent.parent / "tests" / "data" / "orders.jsonl"


@for_people
def simulate(
    dialogs: Annotated[
        Path | None,
        typer.Argument(help="A file of dialogs, one JSON object a line. Offline, 200 come with Verbatim."),
    ] = None,
    participants: Annotated[int, typer.Option(min=1, max=5000, help="How many speak at once.")] = 10,
    url: Annotated[str, typer.Option(help="The page's address.")] = "http://127.0.0.1:8000",
    think_time: Annotated[float, typer.Option(min=0, help="Seconds before each message.")] = 0.0,
    rounds: Annotated[int, typer.Option(min=1, help="How often the file is spoken.")] = 1,
    forms: Annotated[
        float, typer.Option(min=0, max=1, help="The share of forms that are sent; others are left.")
    ] = 0.8,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", help="Write weeks of a study straight into the settings' database instead."
        ),
    ] = False,
    threads: Annotated[int, typer.Option(min=1, max=1_000_000, help="Offline: how many.")] = 1000,
    messages_each: Annotated[
        int | None,
        typer.Option(min=2, max=500, help="Offline: of a thread, in the mean; else as in the file."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Offline: the same seed gives the same rows.")] = 7,
    begin: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Offline: the first day; else 2026-03-02.")
    ] = None,
    mix: Annotated[
        bool, typer.Option("--mix", help="Offline: also into a database that has real participants.")
    ] = False,
) -> None:
    """Let simulated participants speak the lines of a file of dialogs, over the real page or offline."""
    if offline:
        _write(dialogs or DIALOGS, threads, messages_each, seed, begin, mix)
    elif dialogs is None:
        raise typer.BadParameter("over the page, a file of dialogs must be given", param_hint="DIALOGS")
    else:
        _speak(dialogs, participants, url, think_time, rounds, forms)


def _speak(dialogs: Path, participants: int, url: str, think_time: float, rounds: int, forms: float) -> None:
    from simulation.habits import Habits
    from simulation.progress import shown
    from simulation.run import simulate as simulate_all
    from study.dialogs import read_dialogs
    from study.pace import SPOKEN

    given = read_dialogs(dialogs)
    lines = rounds * sum(len(dialog.participant_lines) for dialog in given)
    at_once, a_second = SPOKEN
    if lines > participants * at_once:
        least_s = (lines / participants - at_once) / a_second
        screen.print(
            f"The page takes {at_once} messages of one participant at once, then one in {1 / a_second:g} s: "
            f"{lines} messages of {participants} will take {least_s:.0f} s at least. "
            "More participants (--participants) are faster.",
            markup=False,
        )
    with shown() as progress:
        report = asyncio.run(
            simulate_all(
                url,
                given,
                participants,
                think_time_s=think_time,
                rounds=rounds,
                progress=progress,
                habits=Habits(answers=forms),
            )
        )
    waited = f" They waited {report.held_back_s:.0f} s in all for its limit." if report.held_back_s else ""
    screen.print(
        f"{len(report.turns)} messages answered in {report.duration_s:.1f} s, "
        f"by {report.participants} participants at once.{waited}",
        markup=False,
    )
    if report.forms:
        slips = sum(1 for form in report.forms if form.refusals)
        screen.print(f"{len(report.forms)} forms sent, {slips} of them with a wrong answer first.")
    report.raise_for_errors()


def _write(
    dialogs: Path, threads: int, messages_each: int | None, seed: int, begin: datetime | None, mix: bool
) -> None:
    from demo.plan import BEGIN, DemoPlan
    from settings import load_settings
    from simulation.progress import shown
    from study.loader import load_study

    settings = load_settings()
    study = load_study(settings.study)
    plan = DemoPlan.of(
        study,
        model=settings.model,
        threads=threads,
        messages_each=messages_each,
        seed=seed,
        begin=begin.date() if begin else BEGIN,
    )
    with shown("threads written") as progress:
        made = asyncio.run(_written(settings, plan, dialogs, mix, progress))
    screen.print(
        f"{made.participants:,} participants have had {made.threads:,} threads "
        f"of {made.messages:,} messages in all.",
        markup=False,
        style="green",
    )


async def _written(
    settings: "Settings", plan: "DemoPlan", dialogs: Path, mix: bool, progress: "Progress | None"
) -> "Made":
    from data_layer.database.engine import open_database
    from data_layer.database.migrate import upgrade
    from demo.study import simulate_study
    from study.dialogs import read_dialogs

    settings.make_folders()
    await upgrade(settings.database_url)
    database = open_database(settings.database_url)
    try:
        return await simulate_study(database, plan, read_dialogs(dialogs), mix=mix, progress=progress)
    finally:
        await database.close()
