"""Tools of MCP servers, against a real one: a program of its own that speaks over its input, or over HTTP."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from agent.tools.keeping import MemoryKeeping
from agent.tools.mcp_server import McpServer
from agent.tools.mcp_tool import McpTool
from agent.tools.module import build_toolbox, check_tools
from agent.tools.running import ReplyTools
from agent.tools.toolbox import Toolbox, ToolResult
from study.loader import check_study, load_study
from study.tools import ToolServerDefinition
from tests.agent.tools.calling import STUDY, context_of, run, tool_context

SERVER = Path(__file__).with_name("mcp_library.py")
OF_A_SERVER = (
    STUDY
    + """\
    tools:
      servers:
        - name: library
          %s
          use: [search, lend, secret, process, end]
"""
)


def write(folder: Path, way: str = 'command: ["python", "server.py"]') -> Path:
    """A study whose agent has the library's tools."""
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(OF_A_SERVER % way, encoding="utf-8")
    (folder / "server.py").write_text(SERVER.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def toolbox_in(folder: Path) -> Toolbox:
    """The tools of a study's one agent."""
    study = load_study(folder)
    agent: Any = study.definition.agents[0]
    return build_toolbox(agent.tools, study)


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Toolbox]:
    """A library that is started when it is needed."""
    toolbox = toolbox_in(write(tmp_path / "study"))
    yield toolbox
    await toolbox.close()


async def ask(toolbox: Toolbox, name: str, **arguments: Any) -> ToolResult:
    """One call."""
    return await toolbox.call(name, arguments, tool_context())


async def test_its_tools_are_offered_as_it_describes_them(library: Toolbox) -> None:
    """With its schema; those that the study does not name are not there."""
    await library.ready()
    schemas = {one["function"]["name"]: one["function"] for one in library.schemas}
    assert list(schemas) == ["search", "lend", "secret", "process", "end"]
    assert schemas["search"]["description"] == "Search for books."
    assert schemas["search"]["parameters"]["required"] == ["words"]
    result = await ask(library, "burn")
    assert result.error_type == "unknown_tool"


async def test_a_call_gives_its_result(library: Toolbox) -> None:
    """As JSON, where the server gives JSON."""
    result = await ask(library, "search", words="Tea", most=2)
    assert json.loads(result.output) == {"result": ["Tea 1", "Tea 2"]}


async def test_what_it_says_of_its_tools_counts(library: Toolbox) -> None:
    """One that only looks is known as such; one that says nothing acts."""
    await library.ready()
    options = {name: tool.options for name in library.names if (tool := library.get(name))}
    assert [name for name in options if not options[name].acts] == ["search"]
    assert [name for name in options if options[name].idempotent] == ["process"]


async def test_its_errors_are_told_in_its_words(library: Toolbox) -> None:
    """The model reads them; the server goes on, and has not been started again."""
    await ask(library, "lend", title="Emma")
    lost = await ask(library, "lend", title="lost")
    assert lost.is_error
    assert lost.error_type == "server_error"
    assert "That book is lost." in lost.sentence
    assert "number 2" in (await ask(library, "lend", title="Emma")).output


async def test_arguments_are_looked_at_before(library: Toolbox) -> None:
    """What can be seen from here is the model's mistake, which it may mend."""
    await library.ready()
    deep = '{"words": ' + "[" * 100_000 + "]" * 100_000 + "}"
    given = ('{"most": 2}', "[]", '{"words', '{"words": NaN}', deep)
    results = [await library.call("search", one, tool_context()) for one in given]
    assert [one.error_type for one in results] == ["invalid_arguments"] * 5


async def test_it_sees_nothing_of_our_environment(library: Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key that the app holds reaches a server."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("VERBATIM_SECRET", "secret")
    names = json.loads((await ask(library, "secret")).output)["result"]
    assert set(names) <= {"HOME", "PATH", "SHELL", "TERM", "USER", "LOGNAME", "LC_CTYPE"}


async def test_one_that_dies_in_a_call_is_a_failed_step_and_is_started_again(library: Toolbox) -> None:
    """The call fails with a sentence; the next finds a new process."""
    before = json.loads((await ask(library, "process")).output)["result"]
    ended = await ask(library, "end")
    assert (ended.is_error, ended.error_type) == (True, "server_broke_off")
    after = json.loads((await ask(library, "process")).output)["result"]
    assert after != before


async def test_one_that_died_between_two_calls_is_started_again(library: Toolbox) -> None:
    """Nobody notices: what acts is not sent to a server that is gone."""
    process = psutil.Process(json.loads((await ask(library, "process")).output)["result"])
    process.kill()
    process.wait()
    assert not (await ask(library, "lend", title="Emma")).is_error


async def test_one_that_is_busy_with_another_call_is_not_taken_for_dead(tmp_path: Path) -> None:
    """It answers nobody meanwhile, and is neither ended nor started anew: both calls get their results."""
    write(tmp_path)
    named = {"name": "library", "command": ["python", "server.py"], "use": ["hold", "process"]}
    server = McpServer(ToolServerDefinition.model_validate(named), tmp_path, ping_s=0.05)
    library = Toolbox([McpTool(server, name) for name in named["use"]], servers=[server])
    before = await ask(library, "process")
    until = tmp_path / "go on"
    held = asyncio.create_task(ask(library, "hold", until=str(until)))
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(Path(f"{until}.begun").exists):  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.01)
    other = asyncio.create_task(ask(library, "process"))
    await asyncio.wait([held, other], timeout=0.3)  # many pings' time
    until.touch()
    assert json.loads((await held).output) == {"result": "held"}
    assert (await other).output == before.output
    await library.close()


async def test_half_a_character_does_not_break_the_connection(library: Toolbox) -> None:
    """A model may write it, as JSON can; it has no UTF-8, and is replaced."""
    before = await ask(library, "process")
    result = await library.call("search", '{"words": "\\ud800", "most": 1}', tool_context())
    assert json.loads(result.output) == {"result": ["\ufffd 1"]}
    assert (await ask(library, "process")).output == before.output


async def test_it_ends_with_the_agent(library: Toolbox) -> None:
    """No process is left."""
    pid = json.loads((await ask(library, "process")).output)["result"]
    await library.close()
    assert not psutil.pid_exists(pid)


async def test_calls_at_once_share_one_server(library: Toolbox) -> None:
    """Started once, though many want it at the same moment."""
    results = await asyncio.gather(*(ask(library, "process") for _ in range(8)))
    assert len({one.output for one in results}) == 1


async def test_one_that_cannot_be_started_is_a_failed_step(tmp_path: Path) -> None:
    """The reply goes on: the model is told, and a person may read why."""
    toolbox = toolbox_in(write(tmp_path / "study", 'command: ["python", "missing.py"]'))
    await toolbox.ready()
    assert next(one["function"]["parameters"] for one in toolbox.schemas) == {"type": "object"}
    result = await ask(toolbox, "search", words="Tea")
    assert (result.is_error, result.error_type) == (True, "server_away")
    assert "library cannot be reached" in result.sentence
    await toolbox.close()


async def test_one_that_runs_elsewhere_is_asked_over_http(tmp_path: Path) -> None:
    """Streamable HTTP, and after it was gone for a while again."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    toolbox = toolbox_in(write(tmp_path / "study", f"url: http://127.0.0.1:{port}/mcp"))
    for _ in range(2):
        program = await asyncio.create_subprocess_exec(sys.executable, str(SERVER), "http", str(port))
        await _listens(port)
        result = await ask(toolbox, "search", words="Tea", most=1)
        program.kill()
        await program.wait()
        assert json.loads(result.output) == {"result": ["Tea 1"]}
        assert (await ask(toolbox, "lend", title="Emma")).is_error
    await toolbox.close()


async def _listens(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{name: a, use: [b]}", "needs either 'command' or 'url'"),
        ('{name: a, url: "ftp://x", use: [b]}', "pattern"),
        ("{name: a, command: [x]}", "use"),
        ("{name: a, command: [x], use: [b], env: {}}", "not a known key"),
        ("{name: a, command: [x], use: [b], acts: [c]}", "says how to call c, which is not in its 'use'"),
        ('{name: a, command: [x], use: [b], asks_first: {c: "Do it?"}}', "says how to call c"),
    ],
)
def test_what_is_wrong_with_a_server_is_said(tmp_path: Path, written: str, said: str) -> None:
    """`cli.py check` names the place and the repair."""
    folder = write(tmp_path / "study")
    text = OF_A_SERVER[: OF_A_SERVER.index("        - name")] + f"        - {written}\n"
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    (problem,) = check_study(folder)
    assert "servers[0]" in problem
    assert said in problem


async def test_the_study_says_which_of_its_tools_ask_first_and_act(tmp_path: Path) -> None:
    """The participant reads the study's question and every argument; the server is not called meanwhile."""
    way = """command: ["python", "missing.py"]
          acts: [lend]
          asks_first: {lend: "Shall I borrow {title} for you?"}"""
    toolbox = toolbox_in(write(tmp_path / "study", way))
    tools = ReplyTools(toolbox, context_of(MemoryKeeping()))
    _, ended, result = await run(tools, "lend", {"title": "Emma", "days": 3})
    assert not ended.is_error
    assert "not done yet" in result.output
    assert tools.asked is not None
    assert tools.asked.words == "Shall I borrow Emma for you?"
    assert tools.asked.form.form.items[0].label == "title: Emma\ndays: 3"
    assert [one.options.acts for name in ("lend", "search") if (one := toolbox.get(name))] == [True, False]


def test_two_tools_of_one_name_are_refused(tmp_path: Path) -> None:
    """A model could not tell them apart."""
    folder = write(tmp_path / "study")
    text = (folder / "study.yaml").read_text()
    (folder / "study.yaml").write_text(text + "        - {name: b, command: [b], use: [search]}\n")
    (problem,) = check_tools(load_study(folder))
    assert "two tools of one agent are called search" in problem
