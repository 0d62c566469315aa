"""The API, asked whatever its own schema lets in: it answers as it says, and never fails."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.specs.openapi.checks import (
    ensure_resource_availability,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
    use_after_free,
)

from api.app import schema
from bench.process import ServerProcess, verbatim
from commands.account_store import record_beside
from study.roles import ResearcherRole, TokenScope
from tests.browser.conftest import STUDY, TREE
from tests.postgres import run

# Signing out, or leaving the study, ends what is asked with: somebody new for each.
LEAVES: Final = frozenset({("post", "/auth/logout"), ("post", "/me/withdrawal")})
# Each example may be an export to make.
MAKES: Final = ("post", "/research/exports")
# Ended by its reader alone, where there is a thread: random ids are those of none.
ENDLESS: Final = ("get", "/threads/{thread_id}/stream")
# What no program of one participant's is asked: what tells of others, or of the machine, or never ends.
APART: Final = "^/(research|auth|me/withdrawal|health|ready|metrics|threads/{thread_id}/stream)"
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
# What was deleted can be read, and brought back: it says so itself.
NOT_OF_SOFT_DELETES: Final = [use_after_free, ensure_resource_availability]
MOST: Final = settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
FEW: Final = settings(MOST, max_examples=2)
PROGRAMS: Final = settings(MOST, max_examples=20, stateful_step_count=12, phases=[Phase.generate])


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
    return signed_in(base, "Any Program")


def signed_in(base: str, name: str) -> dict[str, str]:
    """Somebody comes in: with what they ask."""
    answer = httpx2.post(f"{base}/auth/login", data={"username": name})
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
ROUTES: Final = [(method, path) for path, methods in schema()["paths"].items() for method in methods]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_any_request_is_answered_as_the_schema_says(
    method: str, path: str, base: str, headers: dict[str, str], researcher: dict[str, str]
) -> None:
    """With a status, a type and a shape that stand in it; never with 500."""
    whose = researcher if path.startswith("/research/") else headers

    leaves = (method, path) in LEAVES

    @(FEW if leaves or (method, path) == MAKES else MOST)
    @given(case=DESCRIBED[path][method.upper()].as_strategy())
    def ask(case: Any) -> None:
        asks = signed_in(base, f"Leaver {uuid4()}") if leaves else whose
        case.call_and_validate(base_url=base, headers=asks, excluded_checks=NOT_CHECKED, timeout=PATIENCE_S)

    ask()


def test_any_program_of_requests_is_answered_as_the_schema_says(base: str) -> None:
    """Each takes ids from the answers to others: what was made is read, changed, deleted and restored."""
    asked = schemathesis.openapi.from_dict(schema()).exclude(path_regex=APART)

    class Program(asked.as_state_machine()):  # type: ignore[misc]  # made as it runs
        """A program, by the links that the schema's own names lead to."""

        def setup(self) -> None:
            # What was asked before must not tell: the same choices have the same answers.
            self.headers, self.asked = signed_in(base, f"Program {uuid4()}"), 0
            new = {"initial_message": "Hello"}
            begun = httpx2.post(f"{base}/threads", json=new, headers=self.headers, timeout=PATIENCE_S).json()
            said = [begun["said"]["message"]["id"], begun["said"]["replies"][0]["id"]]
            self.own = {"thread_id": [begun["thread"]["id"]], "message_id": said}

        def before_call(self, case: Any) -> None:
            # Ids of nothing are asked for above; what no answer has given yet, is of what was said first.
            self.asked += 1
            for name, ids in self.own.items():
                if name in (case.path_parameters or {}) and self.asked % 4:
                    case.path_parameters[name] = ids[self.asked % len(ids)]

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": base, "headers": self.headers, "timeout": PATIENCE_S}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            count[response.status_code // 100] += 1
            case.validate_response(response, excluded_checks=[*NOT_CHECKED, *NOT_OF_SOFT_DELETES])

    count: Counter[int] = Counter()
    run_state_machine_as_test(Program, settings=PROGRAMS)
    assert count[2] > count[4] / 2, count  # It got somewhere: most was not refused.
