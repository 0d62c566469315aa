"""A small study with two conditions and an instrument, and people who go through it in several ways."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from data_layer.record import Record
from study.loader import LoadedStudy, load_study
from study.vocabulary import StudyState
from tests.exports.conftest import export_to
from tests.exports.going_on import study_in
from tests.small_protocol import small_protocol
from tests.stages.protocol.walking import Walker

TRUST: Final = {"s_tias_confident": ["2"], "s_tias_reliable": ["3"], "s_tias_trust": ["7"]}
AFTER: Final[Mapping[str, Sequence[str]]] = {
    "support": ["80"],
    "reading": ["disagree"],
    "changed": ["Its reasons"],
    **TRUST,
}
INATTENTIVE: Final = AFTER | {"reading": ["agree"]}


def assigning_study(folder: Path, **rule: Any) -> LoadedStudy:
    """Consent, survey, quiz, chat in one of two conditions, survey with an instrument, debrief."""
    with small_protocol(folder) as told:
        protocol = told["protocol"]
        protocol["conditions"] = {"between": {"appeal": {"facts": {}, "stories": {}}}}
        protocol["assign"] = {"at": "talk", "target": 4, **(rule or {"lengths": [2, 4]})}
        protocol["endings"]["full"] = {"text": "texts/thanks.md", "code": "CU6B9N4Y"}
    survey = folder / "surveys" / "after.yaml"
    asked = "  - {instrument: s-tias, about: Alex, required: false}\n"
    survey.write_text(survey.read_text(encoding="utf-8") + asked, encoding="utf-8")
    return load_study(folder)


async def somebody(record: Record, study: LoadedStudy, name: str, to: str, **after: Any) -> Walker:
    """Somebody who walks to a stage, or with answers to the last survey on to the debrief."""
    walker = Walker(record, study, await record.enter(name, name.casefold()))
    await walker.walk_to(to)
    if after:
        await walker.send(**after)
    return walker


async def whole_study(record: Record, study: LoadedStudy) -> dict[str, str]:
    """Two who are usable, one whose place the second has, one who withdraws, one in the chat, one before it.

    Returns:
        Their pseudonyms, by name.
    """
    ada = await somebody(record, study, "Ada", "after", **AFTER)
    await ada.walk_to("")
    record.participations.code_shown(ada.participant_id)
    bob = await somebody(record, study, "Bob", "after", **INATTENTIVE)
    cyd = await somebody(record, study, "Cyd", "after", **AFTER | {"s_tias_trust": []})
    await cyd.walk_to("")
    dee = await somebody(record, study, "Dee", "after", **AFTER)
    await dee.send(stays=["no"])
    eve = await somebody(record, study, "Eve", "talk")
    fay = await somebody(record, study, "Fay", "before")
    await record.writer.flush()
    everybody = {"Ada": ada, "Bob": bob, "Cyd": cyd, "Dee": dee, "Eve": eve, "Fay": fay}
    return {name: one.participant_id for name, one in everybody.items()}


def ended_study(folder: Path, empty: Path, also: Callable[[Record, LoadedStudy], Awaitable[object]]) -> Path:
    """A whole study that has ended, on SQLite, and its export.

    Args:
        folder: Where it lies: `verbatim.db`, `study` and `out`.
        empty: A database without rows.
        also: Lets more come before the end.

    Returns:
        The folder.
    """
    shutil.copyfile(empty, folder / "verbatim.db")
    url = f"sqlite+aiosqlite:///{folder / 'verbatim.db'}"

    async def begin() -> None:
        async with study_in(url, folder) as study:
            loaded = assigning_study(folder / "study")
            await whole_study(study.record, loaded)
            await also(study.record, loaded)
            await end(study.record)

    asyncio.run(begin())
    export_to(url, folder / "out")
    return folder


async def end(record: Record) -> None:
    """The study ends: from now on its seed may be known."""
    await record.controls.change(StudyState.ENDED, None, "an operator")
    await record.writer.flush()
