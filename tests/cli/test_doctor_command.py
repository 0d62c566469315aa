"""`cli.py doctor`: what is amiss is found, said with what to do, and told by the exit code."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from commands.doctor.database import look_at_database
from commands.doctor.finding import Severity, Symptom
from commands.doctor.outside import expiry, look_at_address, look_outside
from settings import Settings
from tests.cli.test_researcher_commands import data, types  # noqa: F401  # a fixture

SECRET = "kq3-VZ7u9_pXw1LrT5yN8aBcD2eFgH4i"


def standings(findings: list[Symptom]) -> dict[str, Severity]:
    """How each thing stands."""
    return {one.of: one.standing for one in findings}


def examined() -> tuple[int, dict[str, dict[str, str]]]:
    """What a program reads: the exit code, and each finding by what it is of."""
    told = types("doctor", "--json")
    return told.exit_code, {one["of"]: one for one in json.loads(told.stdout)["findings"]}


def keep_secret(folder: Path, secret: str, mode: int = 0o600) -> None:
    """Put one into the data folder."""
    (folder / "secret").write_text(secret)
    (folder / "secret").chmod(mode)


def test_a_server_that_is_well_ends_with_zero(data: Path, tmp_path: Path) -> None:  # noqa: F811
    """Migrated, with a good secret and a backup of today; before that backup it is a warning."""
    types("migrate")
    keep_secret(data, SECRET)
    code, found = examined()
    assert (code, found["backup"]["standing"]) == (1, "warning")
    assert "cli.py backup" in found["backup"]["says"]
    types("backup", str(tmp_path / "copy"))
    code, found = examined()
    assert {one["of"]: one["standing"] for one in found.values() if one["standing"] != "ok"} == {}
    assert code == 0


def test_people_read_lines(data: Path) -> None:  # noqa: F811
    """One a thing, with how it stands before it; the worst is the exit code."""
    keep_secret(data, SECRET)
    told = types("doctor")
    assert told.exit_code == 3
    assert "wrong    database: It does not answer" in told.output
    assert "ok       secret:" in told.output


@pytest.mark.parametrize(("secret", "mode"), [("changeme" * 6, 0o600), (SECRET, 0o644)])
def test_a_secret_that_others_know_is_wrong(data: Path, secret: str, mode: int) -> None:  # noqa: F811
    """One that is guessed, and one that every account of the machine reads; it is never said."""
    types("migrate")
    keep_secret(data, secret, mode)
    code, found = examined()
    assert (code, found["secret"]["standing"]) == (3, "wrong")
    assert secret not in found["secret"]["says"]


async def test_a_postgresql_that_loses_words_is_wrong(postgres_url: str) -> None:
    """The tests' own server runs without fsync: a power cut would lose what was acknowledged."""
    findings = [one async for one in look_at_database(postgres_url)]
    found = standings(findings)
    assert found["durability"] is Severity.WRONG
    assert "fsync = on" in next(one.says for one in findings if one.of == "durability")
    assert (found["clock"], found["connections"]) == (Severity.OK, Severity.OK)


@asynccontextmanager
async def site(metrics: int, upgrade: int, models: int = 200) -> AsyncIterator[str]:
    """A site with Verbatim behind a proxy, which is asked for real."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.http.response.start", "status": upgrade, "headers": []})
            await send({"type": "websocket.http.response.body", "body": b""})
            return
        status = {"/api/v1/metrics": metrics, "/v1/models": models}.get(scope["path"], 200)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b'{"status": "ok"}'})

    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical", ws="websockets-sansio")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        await server.shutdown()


@pytest.mark.parametrize(
    ("metrics", "upgrade", "headers", "socket"),
    [
        (403, 401, Severity.OK, Severity.OK),
        (200, 401, Severity.WRONG, Severity.OK),
        (403, 400, Severity.OK, Severity.WARNING),
    ],
)
async def test_a_proxy_is_seen_through(
    metrics: int, upgrade: int, headers: Severity, socket: Severity
) -> None:
    """Figures that it gives away show that it names nobody; a WebSocket that it swallows is told."""
    async with site(metrics, upgrade) as address:
        found = standings([one async for one in look_at_address(address)])
    assert found == {"public address": Severity.OK, "proxy headers": headers, "WebSocket": socket}


@pytest.mark.parametrize(
    ("status", "standing"), [(200, Severity.OK), (401, Severity.WRONG), (503, Severity.WARNING)]
)
async def test_a_models_server_is_asked_for_nothing_that_costs(status: int, standing: Severity) -> None:
    """Its list of models: a key that is refused is wrong, and is never said."""
    async with site(403, 401, status) as address:
        settings = Settings(openai_api_key="sk-of-nobody", openai_base_url=f"{address}/v1", public_url=None)
        (found,) = [one async for one in look_outside(settings)]
    assert (found.of, found.standing) == ("model", standing)
    assert "sk-of-nobody" not in found.says


def test_a_certificate_that_ends_soon_is_a_warning() -> None:
    """Proxies renew them a month before, those of hours when hours are left: later something is amiss."""
    now, months = datetime.now(UTC), timedelta(days=90)
    assert expiry(now + timedelta(days=13), months).standing is Severity.WARNING
    assert expiry(now + timedelta(days=60), months).standing is Severity.OK
    for hours, standing in ((2, Severity.WARNING), (5, Severity.OK)):
        found = expiry(now + timedelta(hours=hours, minutes=1), timedelta(hours=12))
        assert (found.standing, found.says.split(".")[0]) == (standing, f"It holds for {hours} more hours")
