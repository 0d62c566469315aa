"""What leans on Chainlit's insides: the one version, no sleeping, and only the events that we know."""

import asyncio
import importlib
import inspect
import re
import sys
import time
import types
from collections.abc import Iterator

import chainlit
import pytest
from chainlit.chat_context import chat_contexts
from chainlit.server import sio
from chainlit.session import ws_sessions_id
from chainlit.utils import wrap_user_function

from page import patches
from page.chat.guard import KEPT, Guard, Handler
from study.errors import StartError
from tests.page.gate import Handlers
from tests.stages.talk import until

OWN_ADDRESS = "https://study.example"
# By import_module: the attribute `chainlit.step` is a function of the same name.
MESSAGE, STEP = importlib.import_module("chainlit.message"), importlib.import_module("chainlit.step")


class Chainlit:
    """Chainlit's server, as it stands before the app is loaded."""

    def __init__(self) -> None:
        self.handlers = Handlers()
        sio.handlers["/"] = self.handlers.all()
        sio.__dict__.pop("verbatim_originals", None)

    async def receive(self, event: str, *arguments: object) -> object:
        """A client sends an event, whatever its name."""
        return await sio._trigger_event(event, "/", "a-socket", *arguments)


@pytest.fixture
def server() -> Iterator[Chainlit]:
    """A server that nobody has guarded yet; afterwards it is as it was."""
    handlers, kept, heart = dict(sio.handlers["/"]), dict(vars(sio)), dict(vars(sio.eio))
    yield Chainlit()
    vars(sio).clear()
    vars(sio).update(kept)
    vars(sio.eio).update(heart)
    sio.handlers["/"] = handlers


@pytest.fixture
def hurry() -> Iterator[None]:
    """Undo remove_sleeps() afterwards."""
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    for module in (MESSAGE, STEP):
        vars(module)["time"] = time


def test_the_version_that_is_installed_is_the_one_that_was_tried() -> None:
    """Requirements and patches agree."""
    patches.check_version()
    assert chainlit.__version__ == patches.CHAINLIT_VERSION


@pytest.mark.parametrize("version", ["2.12.1", "2.11.9", "3.0.0", "2.12.0rc1", ""])
def test_another_version_does_not_start(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """The sentence has both versions and the command that repairs it."""
    monkeypatch.setattr(chainlit, "__version__", version)
    with pytest.raises(StartError) as refusal:
        patches.check_version()
    assert f"Chainlit {version} is installed" in str(refusal.value)
    assert f"pip install chainlit=={patches.CHAINLIT_VERSION}" in str(refusal.value)
    assert refusal.value.exit_code == 12


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("module", [MESSAGE, STEP], ids=lambda module: module.__name__)
def test_making_a_message_or_a_step_does_not_sleep(module: types.ModuleType) -> None:
    """Chainlit's millisecond in each stops everybody's loop."""
    patches.remove_sleeps()
    assert vars(module)["time"] is not time
    assert vars(module)["time"].sleep(3600) is None


@pytest.mark.parametrize("module", [MESSAGE, STEP], ids=lambda module: module.__name__)
def test_chainlit_uses_nothing_of_time_but_sleep(module: types.ModuleType) -> None:
    """So what stands for it needs nothing else; another version may want more."""
    uses = re.findall(r"(?<![\w.])time\.(\w+)", inspect.getsource(module))
    assert uses == ["sleep"]


@pytest.mark.usefixtures("hurry")
def test_nobody_elses_clock_stops() -> None:
    """Only those two modules are made not to sleep."""
    patches.remove_sleeps()
    assert time.sleep.__module__ == "time"
    assert sys.modules["time"] is time


async def test_events_that_we_do_not_know_are_dropped(server: Chainlit) -> None:
    """A client may name any event; those of features that are off reach nobody."""
    patches.guard_sockets(lambda handlers: {name: handlers[name] for name in KEPT}, [])
    for event in ("window_message", "audio_start", "audio_chunk", "chat_settings_change", "message_favorite"):
        assert await server.receive(event, {"any": "thing"}) is sio.not_handled
    for event in ("ask_response", "__class__", "", "CLIENT_MESSAGE"):
        assert await server.receive(event, {}) is sio.not_handled
    assert server.handlers.called == []


async def test_events_that_we_know_come_through(server: Chainlit) -> None:
    """To the handler that stands for Chainlit's."""
    patches.guard_sockets(lambda handlers: {name: handlers[name] for name in KEPT}, [])
    assert await server.receive("clear_session") == "clear_session"


def test_every_guarded_event_is_the_guards_own(server: Chainlit) -> None:
    """Chainlit's handlers for what participants say are never called by a socket."""
    originals = server.handlers.all()
    guarded = Guard(originals, object(), object()).handlers()  # type: ignore[arg-type]
    own = {"connect", "connection_successful", "disconnect", "client_message", "edit_message", "stop"}
    assert all(guarded[name] != originals[name] for name in own)
    assert set(guarded) == KEPT | own


def test_guarding_again_guards_chainlits_own_handlers(server: Chainlit) -> None:
    """`chainlit run -w` loads the app again: a guard before a guard would ask everything twice."""
    given: list[set[str]] = []

    def make(handlers: dict[str, Handler]) -> dict[str, Handler]:
        given.append(set(handlers))
        return {"stop": handlers["stop"]}

    patches.guard_sockets(make, [])
    patches.guard_sockets(make, [])
    assert given[0] == given[1] == set(server.handlers.all())


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        ("http://localhost:8000", True),
        ("https://localhost:8000", True),
        (OWN_ADDRESS, True),
        (None, True),
        ("http://evil.example", False),
        ("http://localhost:8001", False),
        ("http://localhost:8000.evil.example", False),
        ("null", False),
        ("", False),
        ("file://", False),
        (f"{OWN_ADDRESS}.evil.example", False),
    ],
)
def test_only_our_own_pages_open_a_socket(origin: str | None, let_in: bool) -> None:
    """A browser says which page it is that wants to; a program says nothing, and has a cookie to bring."""
    patches.guard_sockets(dict, [OWN_ADDRESS])
    assert sio.eio.cors_allowed_origins(origin, {"HTTP_HOST": "localhost:8000"}) is let_in


@pytest.mark.usefixtures("server")
def test_without_a_host_no_page_is_ours() -> None:
    """An origin that is all empty does not match a host that is missing."""
    patches.guard_sockets(dict, [])
    assert not sio.eio.cors_allowed_origins("http://", {"HTTP_HOST": "localhost"})
    assert not sio.eio.cors_allowed_origins("http://evil.example", {})


async def test_contexts_of_sessions_that_are_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of sessions that are there stay: Chainlit keeps each for ever."""
    monkeypatch.setattr(patches, "SWEEP_S", 0)
    monkeypatch.setitem(chat_contexts, "gone", [])
    monkeypatch.setitem(chat_contexts, "here", [])
    monkeypatch.setitem(ws_sessions_id, "here", object())
    sweeper = asyncio.create_task(patches.sweep_forever(lambda living: None))
    await until(lambda: "gone" not in chat_contexts)
    sweeper.cancel()
    await asyncio.gather(sweeper, return_exceptions=True)
    assert "here" in chat_contexts


async def test_what_a_callback_raised_is_not_told_to_participants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chainlit shows the text of an error that a callback did not expect; a sentence of ours stands there."""
    told: list[str] = []

    class Emitter:
        async def task_start(self) -> None:
            pass

        task_end = task_start

    class Shown:
        def __init__(self, content: str, author: str) -> None:
            told.append(content)

        async def send(self) -> None:
            pass

    async def fails() -> None:
        raise ConnectionError("postgresql://ada:swordfish@host/study does not answer")

    monkeypatch.setitem(vars(MESSAGE), "ErrorMessage", Shown)
    monkeypatch.setattr("chainlit.utils.context", types.SimpleNamespace(emitter=Emitter()))
    patches.hide_errors(lambda: "That did not work.")
    patches.hide_errors(lambda: "That did not work.")
    monkeypatch.delitem(vars(MESSAGE), "verbatim_original")
    await wrap_user_function(fails, with_task=True)()
    assert told == ["That did not work."]
