"""The API, asked whatever its own schema lets in: it answers as it says, and never fails."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

from api.app import schema
from bench.process import ServerProcess, verbatim
from commands.account_store import record_beside
from study.roles import ResearcherRole, TokenScope
from tests.browser.conftest import STUDY, TREE
from tests.postgres import run

# Ended by its reader alone; and signing out, or leaving the study, ends what the others ask with.
NOT_ASKED: Final = ("/stream", "/logout", "/withdrawal")
# Each example would be an export to make.
NOT_SENT: Final = ("post", "/research/exports")
PATIENCE_S: Final = 30
NOT_CHECKED: Final = [
    # The study's rules stand behind the schema: a name that is another's, words that cannot be seen.
    positive_data_acceptance,
    # A number in a text's place is read as its digits in addresses and forms, as HTTP has it.
    negative_data_rejection,
    # What is open to all answers with a wrong token as without.
    ignored_auth,
    # Mounted below Chainlit's app, whose answer it is where a path is no path of the API's.
    unsupported_method,
]
MOST: Final = settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a study and a database of its own."""
    with verbatim(TREE, tmp_path_factory.mktemp("schema"), STUDY) as running:
        yield running


@pytest.fixture(scope="module")
def base(server: ServerProcess) -> str:
    """Where the API is."""
    return f"{server.url.rstrip('/')}/api/v1"


@pytest.fixture(scope="module")
def headers(base: str) -> dict[str, str]:
    """Of a participant who is in."""
    answer = httpx2.post(f"{base}/auth/login", data={"username": "Any Program"})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture(scope="module")
def researcher(server: ServerProcess) -> dict[str, str]:
    """Of a program of an owner's, that may do everything."""
    made: list[str] = []

    async def make() -> None:
        async with record_beside(server.environment["VERBATIM_DATABASE_URL"]) as record:
            await record.researchers.add("Any Owner", ResearcherRole.OWNER)
            found = await record.researchers.find("Any Owner")
            assert found is not None
            scopes, lasts = tuple(TokenScope), timedelta(days=1)
            made.append(await record.researcher_tokens.make(found.researcher_id, "any", scopes, lasts))

    run(make())
    return {"Authorization": f"Bearer {made[0]}"}


DESCRIBED: Final = schemathesis.openapi.from_dict(schema())
ROUTES: Final = [
    (method, path)
    for path, methods in schema()["paths"].items()
    for method in methods
    if not path.endswith(NOT_ASKED) and (method, path) != NOT_SENT
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_any_request_is_answered_as_the_schema_says(
    method: str, path: str, base: str, headers: dict[str, str], researcher: dict[str, str]
) -> None:
    """With a status, a type and a shape that stand in it; never with 500."""
    whose = researcher if path.startswith("/research/") else headers

    @MOST
    @given(case=DESCRIBED[path][method.upper()].as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(base_url=base, headers=whose, excluded_checks=NOT_CHECKED, timeout=PATIENCE_S)

    ask()
