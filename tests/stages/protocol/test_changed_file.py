"""A study file that is changed while somebody is under way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from data_layer.people.standing import standing_at
from data_layer.record import Record
from stages.protocol.changed import stages_missed
from study.loader import LoadedStudy, load_study
from tests.stages.protocol.walking import Walker


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], LoadedStudy]:
    """The small study with some words of its file replaced."""

    def change(words: str, others: str) -> LoadedStudy:
        folder = tmp_path / "changed"
        shutil.copytree(Path("tests/data/protocol"), folder)
        text = (folder / "study.yaml").read_text(encoding="utf-8")
        assert words in text
        (folder / "study.yaml").write_text(text.replace(words, others), encoding="utf-8")
        return load_study(folder)

    return change


async def complaints(walker: Walker, study: LoadedStudy) -> list[str]:
    """What a start with another file says, where somebody stands at the instructions."""
    await walker.walk_to("instructions")
    await walker.record.writer.flush()
    return stages_missed(study, await standing_at(walker.record.database, walker.record.defaults.study_id))


async def test_a_stage_that_somebody_stands_at_is_missed(
    walker: Walker, changed: Callable[[str, str], LoadedStudy]
) -> None:
    """The complaint names the stage, how many stand there and the repair."""
    [said] = await complaints(walker, changed("{id: instructions,", "{id: reading,"))
    assert "1 under way at the stage instructions, of kind instructions, which is not there any more" in said
    assert "{id: instructions, kind: instructions, ...}" in said


async def test_a_stage_of_another_kind_is_missed_too(
    walker: Walker, changed: Callable[[str, str], LoadedStudy]
) -> None:
    """What was shown as one kind cannot be taken as another."""
    line = "{id: instructions, kind: instructions, text: texts/instructions.md, quiz: surveys/quiz.yaml}"
    other = "{id: instructions, kind: wait, text: texts/instructions.md, lasts: 1 minute}"
    [said] = await complaints(walker, changed(line, other))
    assert "is now of kind wait" in said


async def test_who_stands_elsewhere_goes_on_in_the_changed_file(
    walker: Walker, record: Record, changed: Callable[[str, str], LoadedStudy]
) -> None:
    """A stage that nobody stands at may go, and what was answered before is kept as it was."""
    study = changed("    - {id: debrief, kind: debrief, text: texts/debrief.md, may_withdraw: true}\n", "")
    assert await complaints(walker, study) == []
    before = await record.participations.answers(walker.participant_id)
    later = Walker(record, study, await record.enter("Ada", "ada"))
    later.participant_id = walker.participant_id
    present = await later.walk_to("")
    assert present.position.ending == "completed"
    assert before.items() <= (await record.participations.answers(walker.participant_id)).items()


async def test_who_has_ended_misses_nothing(
    walker: Walker, changed: Callable[[str, str], LoadedStudy]
) -> None:
    """Whoever has come to an ending stands at no stage."""
    await walker.walk_to("")
    await walker.record.writer.flush()
    study = changed("{id: debrief,", "{id: telling,")
    assert (
        stages_missed(study, await standing_at(walker.record.database, walker.record.defaults.study_id)) == []
    )
