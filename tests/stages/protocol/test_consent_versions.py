"""Texts of consent change: what is refused at a start, who is asked again, and what a refusal leaves."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data_layer.database import schema
from data_layer.people.consents import decided_versions, shown_consents
from data_layer.record import Record
from stages.consent.texts import changed_consents
from stages.protocol.running import StudyProtocol
from study.loader import LoadedStudy, load_study
from tests.stages.protocol.walking import ANSWERS, Walker

Changed = Callable[..., LoadedStudy]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """The small study with another text of consent, and a key of its stage in place of its version."""

    def make(instead: str, text: str = "# Taking part\n\nOther words.\n") -> LoadedStudy:
        folder = shutil.copytree(Path("tests/data/protocol"), tmp_path / "changed", dirs_exist_ok=True)
        (folder / "texts/consent.md").write_text(text, encoding="utf-8")
        told = (folder / "study.yaml").read_text(encoding="utf-8")
        (folder / "study.yaml").write_text(told.replace('version: "1"', instead), encoding="utf-8")
        return load_study(folder)

    return make


async def _complaints(record: Record, study: LoadedStudy) -> list[str]:
    await record.writer.flush()
    return changed_consents(study, await shown_consents(record.database, record.defaults.study_id))


async def test_other_words_under_the_same_version_stop_the_start(
    walker: Walker, record: Record, changed: Changed
) -> None:
    """The complaint names the file, the stage and the version to change."""
    await walker.walk_to("before")
    [said] = await _complaints(record, changed('version: "1"'))
    assert "texts/consent.md, the stage consent" in said
    assert 'like: version: "2"' in said


async def test_a_new_version_may_have_other_words(walker: Walker, record: Record, changed: Changed) -> None:
    """And the same words under the same version are no change."""
    await walker.walk_to("before")
    assert await _complaints(record, changed('version: "2"')) == []
    assert await _complaints(record, walker.study) == []


async def test_words_that_nobody_has_read_may_change(record: Record, changed: Changed) -> None:
    """Before anybody has decided there is nothing to compare with."""
    assert await _complaints(record, changed('version: "1"')) == []


async def _come_back(walker: Walker, study: LoadedStudy) -> None:
    walker.protocol = StudyProtocol(walker.record, study)


async def test_who_agreed_to_an_earlier_version_is_asked_again(walker: Walker, changed: Changed) -> None:
    """They read the new text where they stand, and go on from there when they agree."""
    before = await walker.walk_to("after")
    await _come_back(walker, changed('version: "2"'))
    asked = await walker.look()
    assert asked.stage is not None
    assert asked.stage.id == "consent"
    assert "Other words." in asked.shown["text"]
    assert asked.position.visit == before.position.visit
    there = await walker.send(**ANSWERS["consent"])
    assert there.stage is not None
    assert there.stage.id == "after"
    await walker.record.writer.flush()
    assert await decided_versions(walker.record.database, walker.participant_id) == {"consent": "2"}


async def test_a_chat_waits_for_the_new_decision(walker: Walker, changed: Changed) -> None:
    """Nothing is taken in a conversation before; after it the same conversation goes on."""
    before = await walker.walk_to("talk")
    await walker.say(before, 1)
    await _come_back(walker, changed('version: "2"'))
    assert await walker.protocol.chat_now(walker.participant_id) is None
    there = await walker.send(**ANSWERS["consent"])
    assert there.shown["thread_id"] == before.shown["thread_id"]
    assert await walker.protocol.chat_now(walker.participant_id) is not None


async def test_who_does_not_agree_to_the_new_version_has_ended(walker: Walker, changed: Changed) -> None:
    """As the stage says; who they are stays, for they have taken part until then."""
    await walker.walk_to("after")
    await _come_back(walker, changed('version: "2"'))
    assert (await walker.send(decision=["refuse"])).position.ending == "no_consent"
    assert await _names_of(walker) == 1


async def test_a_new_version_without_a_needed_box_is_not_agreed_to(walker: Walker, changed: Changed) -> None:
    """They are told which lacks, and stay where they are."""
    await walker.walk_to("after")
    await _come_back(walker, changed('version: "2"'))
    present = await walker.send(decision=["agree"])
    assert set(present.problems) == {"box_take_part"}
    again = await walker.look()
    assert again.stage is not None
    assert again.stage.id == "consent"


async def test_nobody_is_asked_again_where_the_study_leaves_them(walker: Walker, changed: Changed) -> None:
    """`on_new_version: leave`: the decision on the earlier version stands."""
    await walker.walk_to("after")
    await _come_back(walker, changed('version: "2"\n      on_new_version: leave'))
    present = await walker.look()
    assert present.stage is not None
    assert present.stage.id == "after"


async def test_other_changes_ask_nobody_again(walker: Walker, changed: Changed) -> None:
    """Only another version does, whatever else has changed in the study's files."""
    await walker.walk_to("after")
    await _come_back(walker, changed('version: "1"'))
    present = await walker.look()
    assert present.stage is not None
    assert present.stage.id == "after"


async def test_a_refusal_is_kept_without_who_refused(walker: Walker) -> None:
    """The decision stands under a pseudonym that no name leads to; who comes again begins anew."""
    assert await _names_of(walker) == 1
    assert (await walker.send(decision=["refuse"])).position.ending == "no_consent"
    assert await _names_of(walker) == 0
    assert (await walker.look()).position.ending == "no_consent"
    again = await walker.record.enter("Ada", "ada")
    assert again.participant_id != walker.participant_id


async def _names_of(walker: Walker) -> int:
    await walker.record.writer.flush()
    table = schema.identities
    query = select(func.count()).where(table.c.participant_id == walker.participant_id)
    async with walker.record.database.engine.connect() as connection:
        return int(await connection.scalar(query) or 0)
