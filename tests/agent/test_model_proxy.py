"""The proxy of the environment: used where it can be, refused in one sentence where it cannot."""

from pathlib import Path

import pytest

from agent.model_address import model_address
from agent.model_proxy import proxy_for
from agent.openai_compatible import OpenAIAgent
from settings import Settings, load_settings
from study.errors import SettingsError
from study.masking import masked
from tests.agent.contract import collect, said, text_of
from tests.fake_openai import FakeOpenAI

HOST = "models.example.org"
PROXY = "http://proxy.example.org:3128"
SOCKS = "socks://127.0.0.1:1080/"  # as GNOME writes it


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment without proxies, with a model outside of this machine."""
    for name in ("HTTP", "HTTPS", "ALL", "NO"):
        monkeypatch.delenv(f"{name}_PROXY", raising=False)
        monkeypatch.delenv(f"{name.lower()}_proxy", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "k-1")
    monkeypatch.setenv("OPENAI_BASE_URL", f"https://{HOST}/v1")
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY}, PROXY),
        ({"HTTPS_PROXY": "proxy.example.org:3128"}, PROXY),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"HTTPS_PROXY": PROXY, "ALL_PROXY": SOCKS}, PROXY),
        ({"HTTP_PROXY": PROXY}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "example.org"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".example.org"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "other.org"}, PROXY),
        ({"ALL_PROXY": SOCKS, "no_proxy": "localhost, *"}, None),
    ],
)
def test_the_environment_chooses_as_elsewhere(
    machine: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    """The scheme's own variable comes before ALL_PROXY, NO_PROXY before both, in capitals or not."""
    for name, value in variables.items():
        machine.setenv(name, value)
    assert load_settings().model_proxy() == proxy


@pytest.mark.parametrize(
    ("host", "excepted"),
    [("10.1.2.3:8000", "10.0.0.0/8"), ("10.1.2.3:8000", "10.1.2.3:8000"), ("[fd00::1]", "fd00::/8")],
)
def test_networks_are_excepted_too(host: str, excepted: str) -> None:
    """NO_PROXY may name an address, a port of it, or a whole network."""
    address = model_address(f"http://{host}/v1")
    assert proxy_for(address, {"http": PROXY, "no": excepted}) is None
    assert proxy_for(address, {"http": PROXY, "no": "192.168.0.0/16,nonsense/x"}) == PROXY


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ALL_PROXY", "socks://name:hunter2@127.0.0.1:1080/", "ALL_PROXY of the environment cannot be used"),
        ("all_proxy", SOCKS, "it begins with socks://"),
        ("HTTPS_PROXY", "socks5h://127.0.0.1:1080", "HTTPS_PROXY of the environment cannot be used"),
        ("HTTPS_PROXY", "http://name:hunter2@proxy:port", "its host or its port cannot be read"),
        ("HTTPS_PROXY", "http://", "its host or its port cannot be read"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_with_the_repair(
    machine: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    """One sentence names the variable and both repairs, and shows no password."""
    machine.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings().model_proxy()
    said_of_it = str(refused.value)
    assert reason in said_of_it
    assert "Set HTTPS_PROXY like http://" in said_of_it
    assert f"NO_PROXY={HOST}" in said_of_it
    assert "hunter2" not in said_of_it
    assert len(said_of_it.splitlines()) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:11434/v1", "http://localhost:8080/v1", None])
def test_without_need_of_a_proxy_none_is_judged(machine: pytest.MonkeyPatch, url: str | None) -> None:
    """A server on this machine, or no model at all: an unusable proxy stops nothing."""
    machine.setenv("ALL_PROXY", SOCKS)
    machine.delenv("OPENAI_API_KEY")
    machine.delenv("OPENAI_BASE_URL")
    if url is not None:
        machine.setenv("OPENAI_BASE_URL", url)
    assert load_settings().model_proxy() is None


async def test_a_model_is_asked_by_way_of_the_proxy(
    machine: pytest.MonkeyPatch, fake_openai: FakeOpenAI
) -> None:
    """The request arrives at the proxy with the model's own address on it."""
    settings = settings_with(machine, HTTP_PROXY=fake_openai.url.removesuffix("/v1"))
    assert await answered(settings) == fake_openai.reply_text
    assert fake_openai.requests[-1].headers["host"] == HOST


async def test_the_client_takes_no_proxy_by_itself(
    machine: pytest.MonkeyPatch, fake_openai: FakeOpenAI
) -> None:
    """A server on this machine is asked directly, whatever the environment says, usable or not."""
    machine.setenv("OPENAI_BASE_URL", fake_openai.url)
    machine.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    machine.setenv("ALL_PROXY", SOCKS)
    assert await answered(load_settings()) == fake_openai.reply_text


def settings_with(machine: pytest.MonkeyPatch, **variables: str) -> Settings:
    """Settings for a model outside, asked without encryption so that a proxy sees the request."""
    machine.setenv("OPENAI_BASE_URL", f"http://{HOST}/v1")
    for name, value in variables.items():
        machine.setenv(name, value)
    return load_settings()


async def answered(settings: Settings) -> str:
    """Ask the model of these settings and return what it said."""
    agent = OpenAIAgent(
        name="A",
        model="m",
        api_key="k-1",
        base_url=settings.openai_base_url,
        proxy=settings.model_proxy(),
        max_retries=0,
    )
    events = await collect(agent, said("Hello."))
    await agent.close()
    return text_of(events)


def test_of_a_proxy_the_password_alone_is_secret(machine: pytest.MonkeyPatch) -> None:
    """Neither its host nor those that NO_PROXY names are hidden in what is said of them."""
    machine.setenv("HTTPS_PROXY", "name:quokka-marmot@proxy.example.net:3128")
    machine.setenv("NO_PROXY", "models.example.net, 10.11.12.13")
    load_settings()
    words = "proxy.example.net:3128 models.example.net 10.11.12.13"
    assert masked(f"{words} quokka-marmot") == f"{words} ***"
