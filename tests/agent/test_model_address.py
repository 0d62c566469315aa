"""Addresses of models as people paste them: what reaches the server, and what is refused."""

from typing import Any

import pytest

from agent.model_address import ModelAddress, model_address
from agent.openai_compatible import OpenAIAgent
from tests.agent.contract import collect, said, text_of
from tests.fake_openai import FakeOpenAI

AZURE = "https://lab.openai.azure.com"
DEPLOYED = "/openai/deployments/small/chat/completions"


async def asked(url: str, fake_openai: FakeOpenAI, *paths: str, **options: Any) -> str:
    """Ask by an address that the server answers on these paths alone; return the path and query it saw."""
    fake_openai.paths = set(paths)
    agent = OpenAIAgent(name="A", model="m", api_key="k-1", base_url=url, max_retries=0, **options)
    events = await collect(agent, said("Hello."))
    await agent.close()
    assert text_of(events) == fake_openai.reply_text
    request = fake_openai.requests[-1]
    return request.path + (f"?{request.query}" if request.query else "")


async def test_a_query_stays_behind_the_path(fake_openai: FakeOpenAI) -> None:
    """What stands behind the ? of the address is sent behind the path of each request."""
    seen = await asked(f"{fake_openai.url}?api-version=1&team=a%20b", fake_openai, "/v1/chat/completions")
    assert seen == "/v1/chat/completions?api-version=1&team=a+b"


@pytest.mark.parametrize("ending", ["/", "/chat/completions", "/chat/completions/", "  ", "\n"])
async def test_an_address_may_end_as_people_paste_it(fake_openai: FakeOpenAI, ending: str) -> None:
    """A slash, the path of the request itself or white space at the end change nothing."""
    seen = await asked(fake_openai.url + ending, fake_openai, "/v1/chat/completions")
    assert seen == "/v1/chat/completions"


async def test_a_deployment_of_azure_is_asked_as_its_portal_shows_it(fake_openai: FakeOpenAI) -> None:
    """Path, version and key header are Azure's, and no Bearer token goes out beside them."""
    url = f"{fake_openai.url.removesuffix('/v1')}{DEPLOYED}?api-version=2024-10-21"
    assert await asked(url, fake_openai, DEPLOYED) == f"{DEPLOYED}?api-version=2024-10-21"
    headers = fake_openai.requests[-1].headers
    assert (headers["api-key"], "authorization" in headers) == ("k-1", False)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://lab.openai.azure.com", "/openai/v1/chat/completions"),
        ("http://lab.openai.azure.com/openai/v1/", "/openai/v1/chat/completions"),
        ("http://lab.cognitiveservices.azure.com/openai/v1", "/openai/v1/chat/completions"),
        ("http://lab.services.ai.azure.com/openai/v1/chat/completions", "/openai/v1/chat/completions"),
        (
            "http://lab.services.ai.azure.com/models?api-version=2024-05-01-preview",
            "/models/chat/completions",
        ),
    ],
)
async def test_azures_hosts_are_known_by_their_names(fake_openai: FakeOpenAI, url: str, path: str) -> None:
    """Each gets its key in `api-key`; the server here stands in for the proxy on the way to them."""
    proxy = fake_openai.url.removesuffix("/v1")
    assert (await asked(url, fake_openai, path, proxy=proxy)).partition("?")[0] == path
    headers = fake_openai.requests[-1].headers
    assert (headers["api-key"], "authorization" in headers) == ("k-1", False)
    assert headers["host"] == model_address(url).host


async def test_azures_key_is_not_carried_to_another_server(fake_openai: FakeOpenAI) -> None:
    """A redirect to another host does not take the key along."""
    elsewhere = fake_openai.url.replace("127.0.0.1", "localhost")
    fake_openai.next(status=307, headers={"location": f"{elsewhere}/chat/completions"})
    url = f"{fake_openai.url.removesuffix('/v1')}{DEPLOYED}?api-version=1"
    agent = OpenAIAgent(name="A", model="m", api_key="k-1", base_url=url, max_retries=0)
    fake_openai.paths = {DEPLOYED, "/v1/chat/completions"}
    await collect(agent, said("Hello."))
    await agent.close()
    assert [("api-key" in request.headers) for request in fake_openai.requests] == [True, False]


async def test_a_name_and_a_password_are_sent_in_place_of_the_key(fake_openai: FakeOpenAI) -> None:
    """A server behind a password gets it as browsers send it: user:p@ss in Base64."""
    url = fake_openai.url.replace("http://", "http://user:p%40ss@")
    await asked(url, fake_openai, "/v1/chat/completions")
    assert fake_openai.requests[-1].headers["authorization"] == "Basic dXNlcjpwQHNz"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("localhost:11434", "begins with http:// or https://"),
        ("'https://api.openai.com/v1'", "begins with http:// or https://"),
        ("https://", "begins with http:// or https://"),
        ("https://host:port/v1", "port cannot be read"),
        ("https://host:99999/v1", "port cannot be read"),
        ("https://[::1/v1", "port cannot be read"),
        ("https://host/v1 /", "a space or a line end inside"),
        ("https://host/v\u200b1", "a space or a line end inside"),
        ("https://host/v1#chat", "behind a # is never sent"),
        ("https://host/v1?a=1&a=2", "twice"),
        ("https://host/v1/responses", "at the address before it, https://host/v1"),
        ("https://user:hunter2@host/v1/completions", "at the address before it, https://host/v1"),
        (f"{AZURE}/openai/deployments/small", "?api-version=..."),
        (f"{AZURE}/openai/deployments/?api-version=1", "/openai/deployments/NAME"),
        (f"{AZURE}/openai/responses?api-version=1", "/responses"),
        ("https://lab.services.ai.azure.com/models", "?api-version=..."),
        ("https://lab.services.ai.azure.com/api/projects/p", "https://lab.services.ai.azure.com/openai/v1"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_repair(value: str, reason: str) -> None:
    """One sentence says what is wrong with the address, and shows no password of it."""
    with pytest.raises(ValueError) as refused:
        model_address(value)
    assert reason in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("http://127.0.0.1:11434/v1", "127.0.0.1:11434"),
        ("https://user:password@models.example.org/v1?key=secret", "models.example.org"),
    ],
)
def test_the_provider_is_the_server(url: str, provider: str) -> None:
    """The record names host and port, and never what is secret in the address."""
    address = model_address(url)
    assert address.provider == provider
    assert not any(secret in repr(address) for secret in ("password", "secret"))


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://model.localhost/v1", True),
        ("http://10.0.0.1/v1", False),
        ("http://localhost.example.org/v1", False),
    ],
)
def test_this_machine_is_known_by_each_of_its_names(url: str, loopback: bool) -> None:
    """A proxy is not asked for any of them."""
    assert model_address(url).is_loopback is loopback


def test_what_is_secret_in_an_address_can_be_masked() -> None:
    """Password and query values are named, for those who mask; a version is none."""
    address: ModelAddress = model_address("https://u:pw-1@host/v1?key=k-2&api-version=3")
    assert set(address.secrets) == {"pw-1", "k-2"}
