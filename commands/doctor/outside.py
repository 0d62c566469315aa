"""What is asked over the network: the public address through its proxy, and the model's server."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
import websockets

from agent.model_address import OPENAI_URL, model_address
from commands.doctor.finding import Severity, Symptom

if TYPE_CHECKING:
    from settings import Settings

_PATIENCE_S: Final = 10.0
# Proxies renew a certificate when a third of its time is left, days or months (Caddy, certbot).
_SOON: Final = timedelta(days=14)
_LATE: Final = 5
_CHAT: Final = "/ws/socket.io/?EIO=4&transport=websocket"


async def look_outside(settings: "Settings") -> AsyncIterator[Symptom]:
    """Ask the public address, where there is one, and the model's server, where there is one.

    Args:
        settings: As the environment says.
    """
    if settings.public_url is not None:
        async for finding in look_at_address(settings.public_url):
            yield finding
    if settings.openai_api_key is not None or settings.openai_base_url is not None:
        yield await _provider(settings)


async def look_at_address(address: str) -> AsyncIterator[Symptom]:
    """Ask an address as browsers do.

    Args:
        address: Without a slash at its end.
    """
    of = "public address"
    if address.startswith("https:"):
        yield await asyncio.to_thread(_certificate, address)
    try:
        # As the machine trusts, not as httpx does: a university's own authority is only there.
        trusted = ssl.create_default_context()
        async with httpx.AsyncClient(timeout=_PATIENCE_S, verify=trusted) as client:
            alive = await client.get(f"{address}/api/v1/health")
            figures = await client.get(f"{address}/api/v1/metrics")
    except httpx.HTTPError as error:
        repair = (
            f"{address} does not answer from this machine ({type(error).__name__}). See that the proxy runs."
        )
        yield Symptom(of, Severity.WARNING, repair)
        return
    if alive.status_code != 200 or "status" not in alive.text:
        repair = f"{address}/api/v1/health answers {alive.status_code}: see where the proxy leads."
        yield Symptom(of, Severity.WRONG, repair)
        return
    yield Symptom(of, Severity.OK, f"{address} leads here.")
    yield _headers(figures.status_code)
    yield await _websocket(address)


def _headers(figures: int) -> Symptom:
    """Figures are for this machine alone: whoever gets them through the proxy was taken for it."""
    if figures == 200:
        repair = "The proxy does not hand X-Forwarded-For on: everybody is one address to limits."
        return Symptom("proxy headers", Severity.WRONG, repair)
    return Symptom("proxy headers", Severity.OK, "The proxy says who comes (X-Forwarded-For).")


async def _websocket(address: str) -> Symptom:
    of = "WebSocket"
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    try:
        async with websockets.connect(
            f"ws{address.removeprefix('http')}{_CHAT}",
            origin=websockets.Origin(origin),
            open_timeout=_PATIENCE_S,
        ):
            return Symptom(of, Severity.OK, "It gets through.")
    except websockets.InvalidStatus as error:
        status = error.response.status_code
        if status in (401, 403):  # Ours: nobody is signed in here.
            return Symptom(of, Severity.OK, "It gets through.")
        said = f"answered {status}"
    except (OSError, TimeoutError, websockets.WebSocketException) as error:
        said = type(error).__name__
    repair = f"It does not get through ({said}): let the proxy hand on Upgrade and Connection."
    return Symptom(of, Severity.WARNING, repair)


def _certificate(address: str) -> Symptom:
    of, parts = "certificate", urlsplit(address)
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout=_PATIENCE_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            told = secure.getpeercert() or {}
    except ssl.SSLError as error:
        return Symptom(of, Severity.WRONG, f"Browsers refuse it ({error.reason}). Let the proxy renew it.")
    except OSError as error:
        return Symptom(of, Severity.WARNING, f"It cannot be seen from this machine ({type(error).__name__}).")
    begun_at, ends_at = (
        datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told[name])), UTC)
        for name in ("notBefore", "notAfter")
    )
    return expiry(ends_at, ends_at - begun_at)


def expiry(ends_at: datetime, lasts: timedelta) -> Symptom:
    """Say how long a certificate still holds.

    Args:
        ends_at: When it does not any more.
        lasts: For how long it was made.
    """
    left = ends_at - datetime.now(UTC)
    hours = max(0, int(left / timedelta(hours=1)))
    says = f"It holds for {left.days} more days." if left.days > 1 else f"It holds for {hours} more hours."
    if left < min(_SOON, lasts / _LATE):
        return Symptom("certificate", Severity.WARNING, f"{says} See why the proxy does not renew it.")
    return Symptom("certificate", Severity.OK, says)


async def _provider(settings: "Settings") -> Symptom:
    """Ask for the list of models: it costs nothing."""
    of, address = "model", model_address(settings.openai_base_url or OPENAI_URL)
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    headers = (
        {"api-key": key} if address.is_azure else {"Authorization": address.authorization or f"Bearer {key}"}
    )
    try:
        async with httpx.AsyncClient(
            timeout=_PATIENCE_S, proxy=settings.model_proxy(), trust_env=False
        ) as client:
            answer = await client.get(
                f"{address.base_url}/models", headers=headers, params=dict(address.query)
            )
    except httpx.HTTPError as error:
        return Symptom(of, Severity.WRONG, f"{address.provider} does not answer ({type(error).__name__}).")
    status = answer.status_code
    if status in (401, 403):
        repair = f"{address.provider} refuses the key ({status}). Copy it again into OPENAI_API_KEY."
        return Symptom(of, Severity.WRONG, repair)
    if status == 429 or status >= 500:
        return Symptom(
            of, Severity.WARNING, f"{address.provider} answers {status}: it has too much to do, or fails."
        )
    return Symptom(of, Severity.OK, f"{address.provider} answers.")
