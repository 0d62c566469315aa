"""A server of tools may want a key: it is sent from the environment, and stands nowhere else."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agent.tools.headers import check_headers, header_variables, headers_of
from agent.tools.mcp_server import McpServer
from agent.tools.module import build_toolbox
from data_layer.database import schema
from data_layer.record import Record
from settings import variables_named
from stages.chat.stage import ChatStage
from study.loader import LoadedStudy, check_study, load_study
from tests.agent.tools.calling import STUDY, tool_context
from tests.agent.tools.echo_server import EchoServer
from tests.agent.tools.model_calls import call, calling, make
from tests.data_layer.rows import rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents
from tests.stages.talk import LIMIT, Talk

SECRET = "swordfish-Ab3dEfGh1jKlMnOpQrStUvWxYz"
VARIABLES = {"ECHO_AUTHORIZATION": f"Bearer {SECRET}"}
OF_A_SERVER = (
    STUDY
    + """\
    tools:
      servers:
        - {name: echo, url: "%s", use: [echo], headers: %s}
"""
)
NAMED = "{Authorization: ECHO_AUTHORIZATION}"


def written(folder: Path, url: str = "http://127.0.0.1:9/mcp", headers: str = NAMED) -> Path:
    """A study whose agent has a tool server with headers."""
    (folder / "study.yaml").write_text(OF_A_SERVER % (url, headers), encoding="utf-8")
    return folder


def tools_of(study: LoadedStudy) -> Any:
    """What the study says of its one agent's tools."""
    agent: Any = study.definition.agents[0]
    return agent.tools


@pytest.fixture
async def echo() -> AsyncIterator[EchoServer]:
    """A server that tells what it was sent."""
    async with EchoServer() as server:
        yield server


async def test_the_server_is_sent_the_value(tmp_path: Path, echo: EchoServer) -> None:
    """With every request; what it repeats of it reaches neither model nor record."""
    study = load_study(written(tmp_path, echo.url))
    toolbox = build_toolbox(tools_of(study), study, VARIABLES)
    await toolbox.ready()
    result = await toolbox.call("echo", {}, tool_context())
    await toolbox.close()
    assert {one["authorization"] for one in echo.seen} == {f"Bearer {SECRET}"}
    assert not result.is_error
    assert '"authorization": "***"' in json.loads(result.output)
    assert SECRET not in json.dumps(toolbox.schemas)
    assert "***" in json.dumps(toolbox.schemas)


async def test_a_refusal_that_quotes_it_gives_nothing_away(tmp_path: Path, echo: EchoServer) -> None:
    """The step fails, and its sentence is without the key."""
    echo.refuses = True
    study = load_study(written(tmp_path, echo.url))
    toolbox = build_toolbox(tools_of(study), study, VARIABLES)
    result = await toolbox.call("echo", {}, tool_context())
    await toolbox.close()
    assert result.is_error
    assert SECRET not in result.output


async def test_no_row_holds_it(
    tmp_path: Path, echo: EchoServer, record: Record, fake_openai: FakeOpenAI
) -> None:
    """A whole turn with a server that repeats its headers wherever it can."""
    study = load_study(written(tmp_path, echo.url))
    agent = make(fake_openai, build_toolbox(tools_of(study), study, VARIABLES))
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT)
    talk = Talk(stage, record)
    fake_openai.next(body=calling(call(0, "echo", "{}")))
    await talk.say("What are you sent?")
    await talk.leave()
    await stage.close()
    await agent.close()
    await record.writer.flush()
    kept = json.dumps([await rows(record, name) for name in schema.metadata.tables], default=str)
    assert "***" in kept
    assert SECRET not in kept
    assert SECRET not in json.dumps([one.body for one in fake_openai.requests])


def test_a_server_that_repeats_it_in_another_form_gives_nothing_away(tmp_path: Path) -> None:
    """As a key of its answer, in base64, escaped; what looks like somebody else's key is left alone."""
    study = load_study(written(tmp_path))
    (definition,) = tools_of(study).servers
    server = McpServer(definition, tmp_path, headers_of(definition, VARIABLES))
    encoded = base64.b64encode(f"x{SECRET}".encode()).decode()
    escaped = SECRET.replace("d", "%64")
    other = "sk-" + "AnotherKeyThatIsNotOursAtAll0123456789"
    said = server.without_secrets({SECRET: [encoded, {"b": escaped, "n": 7}], "other": other})
    assert said["***"][1]["n"] == 7
    assert said["other"] == other
    assert not any(one in json.dumps(said) for one in (SECRET, encoded[4:-4], escaped))


def test_one_that_is_not_set_is_told(tmp_path: Path) -> None:
    """With the variable's name and what to do; set, all is well."""
    study = load_study(written(tmp_path))
    assert header_variables(study) == ["ECHO_AUTHORIZATION"]
    (problem,) = check_headers(study, {})
    assert "echo is sent Authorization from ECHO_AUTHORIZATION, which is not set. Set it" in problem
    assert check_headers(study, VARIABLES) == []


def test_one_that_no_header_can_carry_is_told_without_it(tmp_path: Path) -> None:
    """A line break inside: the place in it, and nothing of its value."""
    (problem,) = check_headers(load_study(written(tmp_path)), {"ECHO_AUTHORIZATION": f"Bearer\n{SECRET}"})
    assert "whose character 7 no header can carry" in problem
    assert SECRET not in problem


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (f'{{Authorization: "Bearer {SECRET}"}}', "must be the name of an environment variable"),
        (f"{{Authorization: {SECRET}}}", "never the value itself"),
        ("{Authorization: OPENAI_API_KEY}", "none of the app's settings"),
        ("{Authorization: CHAINLIT_AUTH_SECRET}", "none of the app's settings"),
        ('{"Bad header": A}', "pattern"),
    ],
)
def test_a_value_in_the_file_is_refused_unread(tmp_path: Path, headers: str, said: str) -> None:
    """What is said of it does not repeat it; our own keys are for nobody else."""
    (problem,) = check_study(written(tmp_path, headers=headers))
    assert said in problem
    assert "servers[0].headers" in problem
    assert SECRET not in problem


def test_headers_are_for_a_url(tmp_path: Path) -> None:
    """A program that the app starts is sent none."""
    folder = written(tmp_path)
    text = (
        (folder / "study.yaml")
        .read_text()
        .replace('url: "http://127.0.0.1:9/mcp"', "command: [python, s.py]")
    )
    (folder / "study.yaml").write_text(text)
    (problem,) = check_study(folder)
    assert "'headers' are sent to a 'url' alone" in problem


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of `.env` what the environment does not say; empty ones are not there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("ECHO_ONE=from the file\nECHO_TWO=from the file\nECHO_EMPTY=\n")
    monkeypatch.setenv("ECHO_ONE", "from the environment")
    assert variables_named(["ECHO_ONE", "ECHO_TWO", "ECHO_EMPTY", "ECHO_NONE"]) == {
        "ECHO_ONE": "from the environment",
        "ECHO_TWO": "from the file",
    }
