"""Programs that ask the API, over a record and an agent with a script."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from api.app import api_app
from api.context import ApiContext
from data_layer.record import Record
from stages.chat.stage import ChatStage
from stages.entry.throttle import EntryThrottle
from study.loader import LoadedStudy, load_study
from study.participation import AttachmentRules, Sharing
from tests.api.server import Client, served
from tests.browser.conftest import STUDY
from tests.fakes import FakeAgent, FakeAgents

SECRET = "a secret of the tests, long enough"


@pytest.fixture
def record(sqlite_record: Record) -> Record:
    """The record: what is asked of it is tested on both databases elsewhere."""
    return sqlite_record


@pytest.fixture
def study() -> LoadedStudy:
    """The study of the browser tests, in which files can be attached and links be made."""
    study = load_study(STUDY)
    more = {"attachments": AttachmentRules(max_files=2, max_size_mb=1), "sharing": Sharing(days=30)}
    return replace(study, definition=study.definition.model_copy(update=more))


@pytest.fixture
def agent() -> FakeAgent:
    """An agent without a script yet."""
    return FakeAgent()


@pytest.fixture
async def context(record: Record, study: LoadedStudy, agent: FakeAgent) -> AsyncIterator[ApiContext]:
    """What the API stands on."""
    agents = FakeAgents(agent)
    attachments = study.definition.attachments
    stage = ChatStage(record, agents, message_length=10_000, attachments=attachments)
    yield ApiContext(
        record, study, stage, agents, EntryThrottle(600), SECRET, timedelta(days=15), lambda _: None
    )
    await stage.close()


@pytest.fixture
async def base(context: ApiContext) -> AsyncIterator[str]:
    """Where the API is served."""
    async with served(api_app(context)) as address:
        yield address
        context.streams.end()


@pytest.fixture
async def program(base: str) -> AsyncIterator[Callable[[], Client]]:
    """Make programs; each is closed at the end."""
    made: list[Client] = []

    def one() -> Client:
        made.append(Client(base))
        return made[-1]

    yield one
    for client in made:
        await client.http.aclose()


@pytest.fixture
async def ada(program: Callable[[], Client]) -> Client:
    """A program that ada is in with."""
    client = program()
    await client.sign_in("Ada")
    return client
