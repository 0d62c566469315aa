"""A participant goes through a protocol: what the record says of it, whatever pages send."""

import asyncio
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.rows import Row, read_rows
from data_layer.record import Record
from stages.chat.stage import ChatStage
from stages.spoken import Spoken
from study.errors import WriteRefused
from study.loader import load_study
from study.reasons import Reason
from tests.data_layer.rows import new_id
from tests.fakes import FakeAgent, FakeAgents, FakeScreen, HandClock
from tests.stages.protocol.walking import ANSWERS, ENGLISH, Walker
from tests.stages.talk import words
from tests.study.protocol.waiting import with_wait

OPENING = "Hello, what do you think of the proposal?"


async def rows(record: Record, table: str) -> list[Row]:
    """All rows of a table."""
    await record.writer.flush()
    async with record.database.engine.connect() as connection:
        return await read_rows(connection, select(schema.metadata.tables[table]))


async def test_a_whole_walk_is_kept(walker: Walker, record: Record) -> None:
    """Each stage has its visit with a beginning and an end, and whoever completed it is usable."""
    present = await walker.walk_to("")
    assert present.ending is not None
    assert present.ending.code == "C1A7QX9K"
    row = await walker.row()
    assert (row["ending"], row["usable"], row["why_not"]) == ("completed", True, None)
    visits = sorted(await rows(record, "stage_visits"), key=lambda visit: visit["visit"])
    assert [visit["stage_id"] for visit in visits] == list(ANSWERS)
    assert all(visit["left_at"] is not None and visit["outcome"] == "passed" for visit in visits)


async def test_the_text_that_was_agreed_to_is_kept(walker: Walker, record: Record) -> None:
    """The consent bears the hash of the very words that stood on the page, and those are kept."""
    await walker.walk_to("before")
    [consent] = await rows(record, "consents")
    [text] = await rows(record, "consent_texts")
    assert consent["text_hash"] == text["text_hash"] == hashlib.sha256(text["text"].encode()).hexdigest()
    assert "You will talk with a program." in json.loads(text["text"])["text"]
    assert (consent["decision"], consent["boxes"]) == ("agreed", {"take_part": True, "share": False})


async def test_a_refusal_is_an_ending_with_its_decision(walker: Walker, record: Record) -> None:
    """Who does not agree has ended, and comes no further by looking again."""
    present = await walker.send(decision=["refuse"])
    assert present.position.ending == "no_consent"
    assert [row["decision"] for row in await rows(record, "consents")] == ["refused"]
    assert (await walker.look()).position.ending == "no_consent"


async def test_who_agrees_without_a_needed_box_is_told_so(walker: Walker) -> None:
    """Nothing is kept and nobody has refused."""
    present = await walker.send(decision=["agree"])
    assert set(present.problems) == {"box_take_part"}
    assert present.position.visit == 1


async def test_an_answer_that_screens_out_ends_it(walker: Walker, record: Record) -> None:
    """The ending is the survey's, and the answers are kept."""
    await walker.walk_to("before")
    present = await walker.send(uses_chatbots=["never"], support=["1"])
    assert present.position.ending == "screened_out"
    assert {row["item"]: row["value"] for row in await rows(record, "survey_answers")}["support"] == "1"


async def test_a_stale_page_changes_nothing(walker: Walker, record: Record) -> None:
    """A page of an earlier visit gets the present one, and what it sent is kept nowhere."""
    await walker.walk_to("instructions")
    before = await rows(record, "survey_answers")
    present = await walker.send(visit=2, uses_chatbots=["weekly"], support=["9"])
    assert present.stage is not None
    assert present.stage.id == "instructions"
    assert await rows(record, "survey_answers") == before


async def test_of_two_tabs_that_send_at_once_one_moves(walker: Walker, record: Record) -> None:
    """Both go on from where they then stand, and the answers are there once."""
    present = await walker.walk_to("before")
    sent = [walker.send(visit=present.position.visit, **ANSWERS["before"]) for _ in range(8)]
    found = await asyncio.gather(*sent)
    assert {one.position.stage for one in found} == {"instructions"}
    assert len(await rows(record, "survey_answers")) == 3
    assert (await walker.row())["visit"] == present.position.visit + 1


async def test_two_first_pages_are_one_beginning(walker: Walker, record: Record) -> None:
    """Whoever opens two tabs at once takes part once."""
    await asyncio.gather(*(walker.look() for _ in range(5)))
    assert len(await rows(record, "participations")) == 1
    assert len(await rows(record, "stage_visits")) == 1


async def test_after_an_ending_nothing_is_taken(walker: Walker, record: Record) -> None:
    """Reload, an old page, a made-up visit: the ending stands, and the rows are those of before."""
    await walker.walk_to("")
    before = [await rows(record, table) for table in ("participations", "stage_visits", "survey_answers")]
    for visit in range(9):
        present = await walker.send(visit=visit, **ANSWERS["before"], **ANSWERS["consent"])
        assert present.position.ending == "completed"
    after = [await rows(record, table) for table in ("participations", "stage_visits", "survey_answers")]
    assert after == before


async def test_a_wrong_quiz_is_asked_again_and_each_try_is_kept(walker: Walker, record: Record) -> None:
    """The second wrong try is the ending; each try has its own rows, which say that it failed."""
    await walker.walk_to("instructions")
    await walker.send(partner=["a person"])
    present = await walker.send(partner=["a person"])
    assert present.position.ending == "failed_quiz"
    tries = [row for row in await rows(record, "survey_answers") if row["check_kind"] == "comprehension"]
    assert sorted((row["attempt"], row["check_passed"]) for row in tries) == [(1, False), (2, False)]


async def test_a_failed_attention_check_ends_it_where_the_study_says_so(walker: Walker) -> None:
    """It counts, and whoever failed it is not usable, in plain words."""
    await walker.walk_to("after")
    present = await walker.send(support=["80"], reading=["agree"], changed=["Its reasons"])
    assert present.position.ending == "failed_attention"
    row = await walker.row()
    assert (row["attention_failed"], row["usable"]) == (1, False)
    assert row["why_not"] == "ended as failed_attention"


async def test_a_question_that_looks_back_is_asked_of_whom_it_applies_to(walker: Walker) -> None:
    """Who answered 60 before is asked for a reason; whoever leaves it out is told."""
    await walker.walk_to("after")
    present = await walker.send(support=["80"], reading=["disagree"])
    assert set(present.problems) == {"changed"}


async def test_a_question_that_does_not_apply_is_not_asked(walker: Walker, record: Record) -> None:
    """Its row says that it was hidden, and an answer that was sent all the same is not kept."""
    await walker.walk_to("before")
    await walker.send(uses_chatbots=["daily"], support=["10"])
    await walker.walk_to("after")
    await walker.send(support=["80"], reading=["disagree"], changed=["Not asked"])
    [row] = [row for row in await rows(record, "survey_answers") if row["item"] == "changed"]
    assert (row["state"], row["value"]) == ("hidden", None)


async def test_answers_stand_again_after_a_crash(walker: Walker, record: Record) -> None:
    """Each change is a row; the page shows the last ones, and the answer says how often it was changed."""
    present = await walker.walk_to("before")
    for value in ("20", "40", "60"):
        assert await walker.protocol.keep_change(
            walker.participant_id, present.position.visit, "support", value
        )
    assert (await walker.look()).shown["values"] == {"support": "60"}
    await walker.send(**ANSWERS["before"])
    answers = {row["item"]: row for row in await rows(record, "survey_answers")}
    assert answers["support"]["changes"] == 3
    assert len(await rows(record, "survey_changes")) == 3


async def test_a_change_of_a_stale_page_is_not_kept(walker: Walker, record: Record) -> None:
    """It would be a draft of another stage."""
    await walker.walk_to("instructions")
    assert not await walker.protocol.keep_change(walker.participant_id, 2, "support", "1")
    assert await rows(record, "survey_changes") == []


async def test_a_chat_that_is_too_short_is_not_left(walker: Walker) -> None:
    """Neither by the button nor by a made-up post."""
    present = await walker.walk_to("talk")
    assert present.shown["turns_lacking"] == 2
    assert (await walker.send()).stage == present.stage
    await walker.say(present, 1)
    assert (await walker.send()).shown["turns_lacking"] == 1


async def test_the_agent_speaks_first_and_once(walker: Walker, record: Record) -> None:
    """The opening stands in the thread, however often the page is opened."""
    present = await walker.walk_to("talk")
    await asyncio.gather(*(walker.look() for _ in range(4)))
    said = [row for row in await rows(record, "steps") if row["thread_id"] == present.shown["thread_id"]]
    assert [row["output"] for row in said] == [OPENING]


async def test_the_time_is_over_for_who_comes_back_late(walker: Walker, clock: HandClock) -> None:
    """By the server's clock, whatever the page shows."""
    await walker.walk_to("talk")
    clock.forward(3_600)
    assert (await walker.look()).position.ending == "timed_out"


async def test_who_is_erased_at_the_debrief_leaves_nothing(walker: Walker, record: Record) -> None:
    """A no after the purpose was told is a withdrawal: consents, visits, answers and words are gone."""
    await walker.walk_to("debrief")
    present = await walker.send(stays=["no"])
    assert present.position.ending == "withdrew"
    assert present.receipt is not None
    for table in ("participations", "stage_visits", "consents", "survey_answers", "survey_changes", "steps"):
        assert await rows(record, table) == [], table
    with pytest.raises(WriteRefused):
        await walker.protocol.present(walker.participant_id, ENGLISH)


async def test_a_page_that_was_sent_with_mistakes_shows_them_again(walker: Walker) -> None:
    """Asked for anew it says what is wrong, beside all that was sent; another visit's page says nothing."""
    visit = (await walker.walk_to("before")).position.visit
    sent = await walker.send(uses_chatbots=["daily"], support=["a lot"], because=["Because"])
    again = await walker.protocol.present(walker.participant_id, ENGLISH, visit)
    assert set(sent.problems) == set(again.problems) == {"support"}
    assert again.shown["values"] == {"uses_chatbots": "daily", "support": "a lot", "because": "Because"}
    assert (await walker.look()).problems == {}


async def test_boxes_that_were_ticked_stay_ticked(walker: Walker) -> None:
    """Who agrees without the needed box is told so after a reload, and what they ticked stands."""
    await walker.send(decision=["agree"], box_share=["yes"])
    again = await walker.protocol.present(walker.participant_id, ENGLISH, 1)
    assert set(again.problems) == {"box_take_part"}
    assert again.shown["ticked"] == {"share"}


async def test_an_answer_that_lacks_is_reminded_of_once(record: Record, tmp_path: Path) -> None:
    """Whoever goes on after the reminder has left it out, and its row says so."""
    shutil.copytree("tests/data/protocol", tmp_path / "study")
    survey = tmp_path / "study/surveys/before.yaml"
    survey.write_text(survey.read_text(encoding="utf-8").replace("required: false", "required: ask_once"))
    walker = Walker(record, load_study(tmp_path / "study"), await record.enter("Ada", "ada"))
    await walker.send(**ANSWERS["consent"])
    present = await walker.send(**ANSWERS["before"])
    assert set(present.problems) == {"because"}
    present = await walker.send(**ANSWERS["before"], reminded=["because"])
    assert present.stage is not None
    assert present.stage.id == "instructions"
    states = {row["item"]: row["state"] for row in await rows(record, "survey_answers")}
    assert states == {"uses_chatbots": "answered", "support": "answered", "because": "skipped"}


async def test_the_order_that_was_shown_is_the_same_after_a_reload(walker: Walker) -> None:
    """It was drawn once, and is kept with the visit."""
    await walker.walk_to("before")
    first, second = await walker.look(), await walker.look()
    assert first.shown["survey"] == second.shown["survey"]


async def test_a_chat_lets_its_participant_do_what_the_study_says(walker: Walker, record: Record) -> None:
    """Another answer is refused at every door, and an edit is taken; words for another thread are not."""
    agent = FakeAgent(words("Well."), words("Then."), words("Otherwise."))
    stage = ChatStage(record, FakeAgents(agent), message_length=1_000, where=walker.protocol)
    present = await walker.walk_to("talk")
    screen = FakeScreen()
    said = Spoken(present.shown["thread_id"], walker.participant_id, new_id(), "I think so")
    await stage.hear(said, screen)
    await stage.again(said, screen)
    await stage.edit(replace(said, text="I do not think so"), screen)
    await stage.hear(replace(said, thread_id=new_id(), message_id=new_id()), screen)
    await stage.close()
    kept = [row["output"] for row in await rows(record, "steps") if row["deleted_at"] is None]
    assert sorted(kept) == sorted([OPENING, "I do not think so", "Then."])
    refused = [row["payload"]["why"] for row in await rows(record, "events") if row["type"] == "refused"]
    assert sorted(refused) == sorted([Reason.NOT_IN_THIS_CHAT, Reason.NOT_IN_A_CHAT])


async def test_who_waits_goes_on_when_the_servers_clock_says_so(
    record: Record, clock: HandClock, tmp_path: Path
) -> None:
    """A press before it shows the same page with what is left; at its end it leads on."""
    study = load_study(with_wait(tmp_path, lasts="5 minutes"))
    walker = Walker(record, study, await record.enter("Ada", "ada"))
    there = await walker.walk_to("pause")
    clock.forward(150)
    early = await walker.send()
    assert (early.position.visit, early.shown["seconds"], early.shown["minutes"]) == (
        there.position.visit,
        150,
        3,
    )
    clock.forward(150)
    assert (await walker.send()).position.stage == "talk"
    [visit] = [row for row in await rows(record, "stage_visits") if row["kind"] == "wait"]
    assert (visit["stage_id"], visit["outcome"]) == ("pause", "passed")
