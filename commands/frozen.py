"""`python cli.py freeze STUDY`: what runs is fixed, and said, before anybody comes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.shown import for_people, screen

if TYPE_CHECKING:
    from data_layer.database.rows import Row
    from data_layer.record import Record


@for_people
def freeze(
    folder: Annotated[Path, typer.Argument(help="The folder with study.yaml in it.")],
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also while an ending cannot be reached by anybody.")
    ] = False,
) -> None:
    """Draw the seed where it is sealed, and write freeze.json and preregistration.md beside study.yaml."""
    from commands.opened import with_record
    from study.errors import StudyFileError
    from study.freezing import file_hashes, freeze_json, osf_preregistration, preregistration
    from study.loader import load_study
    from study.protocol.reaching import unreachable_endings

    study = load_study(folder)
    protocol = study.definition.protocol
    rule = protocol.assign if protocol is not None else None
    closed = unreachable_endings(protocol, study.surveys) if protocol is not None else []
    if closed and not anyway:
        listed = "\n".join(f"- {one}" for one in closed)
        raise StudyFileError(f"{folder} is not frozen:\n{listed}\nMend it, or freeze it with --anyway.")

    async def work(record: "Record") -> "Row":
        seed_hash = await record.assignments.seed_hash(rule.seed) if rule is not None else None
        return await record.freezes.freeze(study.fingerprint, file_hashes(study), seed_hash)

    row = with_record(work, study.definition.id)
    told = study, row["seed_hash"], row["created_at"]
    (folder / "freeze.json").write_text(freeze_json(*told), encoding="utf-8")
    for name, write in (
        ("preregistration.md", preregistration),
        ("preregistration-osf.md", osf_preregistration),
    ):
        kept = folder / name
        if not kept.exists():  # What was written into it since is its author's.
            kept.write_text(write(*told), encoding="utf-8")
    screen.print(f"Frozen: {study.fingerprint}", markup=False, style="green")
    screen.print("See freeze.json and preregistration.md beside study.yaml.", markup=False)


@for_people
def seed(
    folder: Annotated[Path, typer.Argument(help="The folder with study.yaml in it.")],
) -> None:
    """Say the SHA-256 of the study's seed, and the seed itself once the study has ended."""
    from commands.opened import with_record
    from study.errors import StudyFileError
    from study.loader import load_study
    from study.vocabulary import StudyState

    study = load_study(folder)
    protocol = study.definition.protocol
    if protocol is None or protocol.assign is None:
        raise StudyFileError(f"{study.folder} assigns nobody to conditions, and has no seed.")
    said = protocol.assign.seed

    async def work(record: "Record") -> tuple[str, str | None]:
        has_ended = await record.controls.look() is StudyState.ENDED
        shown = await record.assignments.seed_when_ended(said, has_ended=has_ended)
        return await record.assignments.seed_hash(said), shown

    seed_hash, shown = with_record(work, study.definition.id)
    screen.print(f"SHA-256 {seed_hash}", markup=False)
    screen.print(f"Seed {shown}" if shown else "The seed is sealed until the study has ended.", markup=False)
