"""How far participants came through a protocol: every number adds up, and leads to its participants."""

import random
import re
import shutil
from collections import Counter
from html import unescape

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from data_layer.database import schema
from data_layer.people.participants import Participant
from data_layer.record import Record
from data_layer.review.overview import overview
from research.app import research_app
from research.overview import counting
from research.overview.flow import RoomFlow, by_condition, flow_of
from study.flow.drawing import draw_flow
from study.loader import LoadedStudy, load_study
from study.protocol.assigning import plan_of
from study.protocol.definition import Protocol
from study.roles import ResearcherRole
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from tests.stages.protocol.walking import Walker

STAGES = ("consent", "before", "instructions", "talk", "after", "debrief")
# Stages where somebody may end, with what they send there and how it is called.
WAYS_OUT = {
    "consent": ({"decision": ["refuse"]}, "no_consent"),
    "before": ({"uses_chatbots": ["never"], "support": ["60"]}, "screened_out"),
    "after": ({"support": ["80"], "reading": ["agree"], "changed": ["Nothing"]}, "failed_attention"),
}
CONDITIONS = """
  conditions:
    between:
      tone:
        warm: {}
        cold: {}
  assign: {at: talk, target: 20}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> LoadedStudy:
    """The small study, with two conditions."""
    folder = tmp_path_factory.mktemp("flow") / "study"
    shutil.copytree("tests/data/protocol", folder)
    file = folder / "study.yaml"
    whole = file.read_text().replace("minutes: 10}", "minutes: 10, stop_at: 40}")
    whole = whole.replace("  endings:\n", "  endings:\n    full: {text: texts/too-late.md}\n")
    file.write_text(whole + CONDITIONS.lstrip("\n"))
    return load_study(folder)


@pytest.fixture
def app(record: Record, study: LoadedStudy, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The room of this study."""
    monkeypatch.setattr(counting, "PATIENCE_S", 60.0)
    outer = FastAPI()
    outer.mount("/research", research_app(record, study))
    return outer


def protocol_of(study: LoadedStudy) -> Protocol:
    """Which the study has."""
    assert study.definition.protocol is not None
    return study.definition.protocol


async def come(record: Record, study: LoadedStudy, name: str) -> Walker:
    """Somebody new."""
    person: Participant = await record.enter(name, name.lower())
    return Walker(record, study, person)


async def put_in(record: Record, participant_id: str, condition: str) -> None:
    """Give somebody a condition."""
    await record.writer.flush()
    table = schema.participations
    async with record.database.engine.begin() as connection:
        change = update(table).where(table.c.participant_id == participant_id).values(condition=condition)
        await connection.execute(change)


async def flow_now(record: Record, study: LoadedStudy) -> RoomFlow:
    """As the overview counts it."""
    await record.writer.flush()
    return flow_of(protocol_of(study), (await overview(record.database, record.now())).flow)


async def listed(owner: Browser, address: str) -> set[str]:
    """The participants that an address of the room leads to."""
    page = (await owner.get(address.removeprefix("/research"))).text
    return set(re.findall(r'href="/research/participants/([0-9a-f-]{36})"', page))


async def tell(record: Record, study: LoadedStudy, seed: int, people: int) -> None:
    """A story: each comes as far as chance has it, and stays, ends or withdraws there."""
    chance = random.Random(seed)
    for number in range(people):
        walker = await come(record, study, f"P{seed}-{number}")
        until = chance.choice(("", "", *STAGES, "nowhere"))
        if until == "nowhere":
            continue
        await walker.walk_to(until)
        if until in WAYS_OUT and chance.random() < 0.5:
            await walker.send(**WAYS_OUT[until][0])
        if chance.random() < 0.5 and until not in ("consent", "before", "instructions"):
            await put_in(record, walker.participant_id, chance.choice(("warm", "cold")))
        if chance.random() < 0.1:
            await record.withdrawals.withdraw(walker.participant_id, "participant")


@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_is_in_exactly_one_place(record: Record, study: LoadedStudy, seed: int) -> None:
    """Of each stage those who entered went on, ended or are here; all places together are all who came."""
    await tell(record, study, seed, 24)
    flow = await flow_now(record, study)
    assert flow.came == 24
    assert flow.stages[0].entered == flow.came - flow.unopened - flow.withdrew - flow.elsewhere
    for stage, following in zip(flow.stages, [*flow.stages[1:], None], strict=True):
        assert stage.entered == stage.went_on + stage.here + sum(stage.ended.values())
        assert stage.went_on == (following.entered if following else 0)
    places = sum(stage.here + sum(stage.ended.values()) for stage in flow.stages)
    assert flow.unopened + flow.withdrew + flow.elsewhere + places == flow.came
    assert flow.usable + flow.not_usable == sum(flow.endings.values())


async def test_the_flow_is_what_the_visits_say(record: Record, study: LoadedStudy) -> None:
    """Counted from where people stand, it is the same as counted from each page that was entered and left."""
    await tell(record, study, 3, 24)
    flow = await flow_now(record, study)
    visits = schema.stage_visits
    async with record.database.engine.connect() as connection:
        rows = [dict(row) for row in (await connection.execute(select(visits))).mappings()]
    assert len(rows) > 24
    entered = {(row["stage_id"], row["participant_id"]) for row in rows}
    assert {stage.stage_id: stage.entered for stage in flow.stages} == {
        **dict.fromkeys(STAGES, 0),
        **Counter(stage for stage, _ in entered),
    }
    endings = Counter(row["ending"] for row in rows if row["ending"])
    assert dict(flow.endings) == dict(endings)
    here = Counter(row["stage_id"] for row in rows if row["left_at"] is None)
    assert {stage.stage_id: stage.here for stage in flow.stages if stage.here} == dict(here)


async def test_a_number_leads_to_as_many_participants(
    owner: Browser, record: Record, study: LoadedStudy
) -> None:
    """Each box of the drawing, and each cell of the tables, is a list of just so many."""
    await tell(record, study, 4, 20)
    flow = await flow_now(record, study)
    drawing = draw_flow(flow, flow.address)
    assert len(drawing.boxes) > 10
    for box in drawing.boxes:
        found = await listed(owner, box.address) if box.address else set()
        assert (box.whole, len(found)) == (box.whole, box.count)
    page = (await owner.get("/")).text
    cells = re.findall(r'<td class="n"><a href="(/research/participants[^"]+)">([\d,]+)</a></td>', page)
    assert len(cells) > 15
    for address, count in cells:
        assert (address, len(await listed(owner, unescape(address)))) == (address, int(count))


async def test_minutes_are_of_those_who_left(record: Record, study: LoadedStudy) -> None:
    """The median and the ninth tenth are times that somebody took; a stage that nobody has left has none."""
    people = [(await come(record, study, f"M{number}")) for number in range(4)]
    for walker in people:
        await walker.walk_to("before")
    await record.writer.flush()
    visits = schema.stage_visits
    async with record.database.engine.begin() as connection:
        rows = (await connection.execute(select(visits).where(visits.c.stage_id == "consent"))).mappings()
        for minutes, row in zip((1, 2, 3, 40), sorted(rows, key=lambda row: row["visit_id"]), strict=True):
            later = row["entered_at"].replace(year=2001)
            change = update(visits).where(visits.c.visit_id == row["visit_id"])
            left = later.replace(hour=minutes // 60, minute=minutes % 60, second=0)
            began = later.replace(hour=0, minute=0, second=0)
            moved = {"entered_at": began, "left_at": left.replace(microsecond=began.microsecond)}
            await connection.execute(change.values(moved))
    flow = await flow_now(record, study)
    consent, before = flow.stages[:2]
    assert (round(consent.median or 0), round(consent.p90 or 0)) == (120, 2_400)
    assert (before.median, before.p90) == (None, None)


async def test_simulated_participants_are_apart(owner: Browser, record: Record, study: LoadedStudy) -> None:
    """Real ones are counted by themselves; the others are said to be left out, and shown when asked for."""
    await (await come(record, study, "Real")).walk_to("before")
    walker = await come(record, study, "Robot")
    await walker.walk_to("")
    await record.writer.flush()
    people = schema.participants
    async with record.database.engine.begin() as connection:
        robot = people.c.participant_id == walker.participant_id
        await connection.execute(update(people).where(robot).values(source="simulation"))
    flow = await flow_now(record, study)
    assert (flow.came, flow.completed, flow.left_out) == (1, 0, 1)
    page = (await owner.get("/")).text
    assert "1 simulated participant is left out" in page
    assert (
        "1 participant came, 1 completed the study, 1 is usable" in (await owner.get("/?simulated=yes")).text
    )


async def test_conditions_are_beside_each_other(record: Record, study: LoadedStudy) -> None:
    """Each with its endings; a sentence says whether people left one of them more often."""
    for number in range(8):
        walker = await come(record, study, f"C{number}")
        await walker.walk_to("after")
        await put_in(record, walker.participant_id, "warm" if number % 2 else "cold")
        await (walker.send(**WAYS_OUT["after"][0]) if number % 2 else walker.walk_to(""))
    await record.writer.flush()
    found = by_condition(protocol_of(study), (await overview(record.database, record.now())).flow)
    warm, cold = found.conditions
    assert (warm.condition, warm.assigned, dict(warm.endings)) == ("warm", 4, {"failed_attention": 4})
    assert (cold.condition, cold.usable, dict(cold.endings)) == ("cold", 4, {"completed": 4})
    assert found.dropout.sentence.startswith("People left more often in warm than elsewhere")


async def test_places_are_held_filled_and_open(owner: Browser, record: Record, study: LoadedStudy) -> None:
    """Of each condition as many as the ledger has; who leaves leaves an open one."""
    stands = [await come(record, study, f"L{number}") for number in range(6)]
    for walker, until in zip(stands, ("after", "after", "after", "", "", "talk"), strict=True):
        await walker.walk_to(until)
    await stands[0].send(**WAYS_OUT["after"][0])
    await record.writer.flush()
    plan = plan_of(protocol_of(study), study.surveys)
    flow = (await overview(record.database, record.now())).flow
    places = by_condition(protocol_of(study), flow, plan=plan).places
    assert [one.condition for one in places] == ["warm", "cold"]
    assert (sum(one.filled for one in places), sum(one.held for one in places)) == (2, 3)
    assert [one.wanted - one.held - one.filled for one in places] == [one.open for one in places]
    assert "Places of warm that are filled" not in (await owner.get("/")).text
    await owner.post("/conditions")
    assert "Places of warm that are filled" in (await owner.get("/")).text


async def blinded_pages(browser: Browser, participant_id: str) -> str:
    """Every page that shows participants or what is theirs."""
    paths = ("/", "/participants", f"/participants/{participant_id}", "/live", "/threads")
    pages = [(await browser.get(f"{path}?condition=warm")).text for path in paths]
    return "".join(pages)


@pytest.mark.parametrize("role", [ResearcherRole.OWNER, ResearcherRole.RESEARCHER, ResearcherRole.VIEWER])
async def test_nobody_sees_a_condition_before_they_ask(
    stranger: Browser, record: Record, study: LoadedStudy, role: ResearcherRole
) -> None:
    """Whatever their role and the address; who has asked sees it, and the audit log has who and when."""
    walker = await come(record, study, "Ada")
    await walker.walk_to("")
    await put_in(record, walker.participant_id, "warm")
    await record.researchers.add("Rita", role, PASSWORD)
    await stranger.sign_in("Rita", PASSWORD)
    assert "warm" not in await blinded_pages(stranger, walker.participant_id)
    assert (await stranger.post("/conditions", participant=walker.participant_id)).status_code == 303
    page = (await stranger.get(f"/participants/{walker.participant_id}")).text
    assert "<dt>Condition</dt><dd>warm</dd>" in page
    assert "By condition" in (await stranger.get("/")).text
    lines = [line for line in await record.audit.newest() if line["action"] == "conditions_shown"]
    assert [(line["name"], line["researcher_id"] is not None) for line in lines] == [("Rita", True)]


async def test_who_sees_conditions_is_one_researcher(
    owner: Browser, record: Record, study: LoadedStudy, app: FastAPI
) -> None:
    """What one has asked to see stays hidden from the others; asking twice is noted once."""
    walker = await come(record, study, "Ada")
    await walker.walk_to("")
    await put_in(record, walker.participant_id, "warm")
    for _ in range(2):
        await owner.post("/conditions")
    await record.researchers.add("Vera", ResearcherRole.OWNER, PASSWORD)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://study.example"
    ) as client:
        vera = Browser(client)
        await vera.sign_in("Vera", PASSWORD)
        assert "warm" not in await blinded_pages(vera, walker.participant_id)
    assert [line["action"] for line in await record.audit.newest()].count("conditions_shown") == 1


async def test_a_coder_cannot_ask(stranger: Browser, record: Record) -> None:
    """The door is closed to coders, and nothing is noted."""
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Cora", PASSWORD)
    assert (await stranger.post("/conditions")).status_code == 403
    assert "conditions_shown" not in [line["action"] for line in await record.audit.newest()]


async def test_a_list_of_a_condition_is_for_who_sees_them(
    owner: Browser, record: Record, study: LoadedStudy
) -> None:
    """Who is blind cannot find out by asking for one: the address narrows nothing for them."""
    people = {}
    for condition in ("warm", "cold"):
        walker = await come(record, study, condition)
        await walker.walk_to("talk")
        await put_in(record, walker.participant_id, condition)
        people[condition] = walker.participant_id
    assert await listed(owner, "/participants?condition=warm") == set(people.values())
    await owner.post("/conditions")
    assert await listed(owner, "/participants?condition=warm") == {people["warm"]}
