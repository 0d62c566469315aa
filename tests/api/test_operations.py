"""What operators' programs are told: that the process lives, whether it can be sent people, how it does."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.routing import Mount

from api.app import api_app
from api.context import ApiContext
from tests.api.server import Client
from tests.fakes import FakeAgent
from tests.stages.talk import words


def asked_from(address: str, context: ApiContext, **headers: str) -> httpx2.AsyncClient:
    """A program at an address."""
    app = Starlette(routes=[Mount("/api/v1", api_app(context))])
    transport = httpx2.ASGITransport(app, client=(address, 50_000))
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000/api/v1", headers=headers)


async def test_it_lives_and_is_ready(program: Callable[[], Client]) -> None:
    """Each thing that it needs is named, and none of a model's server."""
    asked = program().http
    assert (await asked.get("/health")).json() == {"status": "ok"}
    ready = (await asked.get("/ready")).json()
    assert ready["ready"] is True
    assert [one["name"] for one in ready["checks"]] == ["database", "journal", "disk", "providers"]


async def test_a_full_disk_is_not_ready(
    program: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check says how much is left, and a load balancer reads the status alone."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 5_000_000))
    answer = await program().http.get("/ready")
    assert answer.status_code == 503
    disk = next(one for one in answer.json()["checks"] if one["name"] == "disk")
    assert disk == {"name": "disk", "ok": False, "detail": "5 MB are free."}


async def test_replies_are_counted_by_their_agent(ada: Client, agent: FakeAgent) -> None:
    """With how long they took; Prometheus's own reader reads all of it."""
    agent.enqueue(*words("Yes."))
    await ada.begin(initial_message="Hello")
    answer = await ada.http.get("/metrics")
    families = {one.name: one for one in text_string_to_metric_families(answer.text)}
    replies = families["verbatim_replies"].samples
    complete = {"agent": "Agent", "status": "complete"}
    assert next(one.value for one in replies if one.labels == complete and one.name.endswith("total")) == 1
    assert families["verbatim_first_words_seconds"].samples
    assert families["verbatim_saving_delayed"].samples[0].value == 0


async def test_figures_are_for_this_machine_or_a_token(context: ApiContext) -> None:
    """Not for who comes from elsewhere, nor for what a proxy on this machine passes on."""
    told = replace(context, metrics_token="a long token of the operator's")
    for address, headers, status in (
        ("127.0.0.1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("192.0.2.7", {"Authorization": "Bearer a long token of the operator's"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer another"}, 403),
    ):
        async with asked_from(address, told, **headers) as client:
            assert (await client.get("/metrics")).status_code == status, (address, headers)


async def test_every_answer_says_what_is_left(ada: Client) -> None:
    """To the address and to the participant, by the headers of the standard."""
    first = await ada.http.get("/threads")
    second = await ada.http.get("/threads")
    assert first.headers["RateLimit-Policy"] == '"address";q=6000;w=60, "participant";q=600;w=60'
    left = [int(one.headers["RateLimit"].rpartition(";r=")[2].partition(";")[0]) for one in (first, second)]
    assert left[0] - left[1] == 1


async def test_too_much_is_refused_with_when_to_go_on(ada: Client, context: ApiContext) -> None:
    """The participant's own limit: others go on."""
    who = str(ada.tokens["participant_id"])
    for _ in range(600):
        context.asked._limit.spend(context.asked._item, who)
    refused = await ada.http.get("/threads")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_fast")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


async def test_pages_of_other_sites_may_ask_where_they_are_named(context: ApiContext) -> None:
    """And are sent no cookie's leave; others are told nothing."""
    app = api_app(context, ["https://app.example.org"])
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://study.example") as client:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "Idempotency-Key"}
        own = await client.options("/threads", headers={"Origin": "https://app.example.org", **asked})
        assert own.headers["access-control-allow-origin"] == "https://app.example.org"
        assert "access-control-allow-credentials" not in own.headers
        other = await client.options("/threads", headers={"Origin": "https://evil.example", **asked})
        assert "access-control-allow-origin" not in other.headers
