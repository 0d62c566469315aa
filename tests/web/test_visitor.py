"""Who is on the server's own machine: a browser there, and nobody behind a proxy."""

from typing import Any

import pytest

from web.visitor import is_of_this_machine


def scope(client: str | None = "127.0.0.1", version: str = "1.1", **headers: str) -> dict[str, Any]:
    """A request as it came in."""
    named = {"host": "127.0.0.1:8000"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "type": "http",
        "http_version": version,
        "client": None if client is None else (client, 40000),
        "headers": [(name.encode(), value.encode()) for name, value in named.items() if value],
    }


@pytest.mark.parametrize(
    "request_",
    [
        scope(),
        scope("::1", host="[::1]:8000"),
        scope("127.8.0.1", host="localhost"),
        scope(host="study.localhost:8000"),
        scope(origin="http://localhost:8000", referer="http://localhost:8000/login"),
    ],
)
def test_a_browser_on_this_machine_is_known(request_: dict[str, Any]) -> None:
    """By each of the machine's names for itself."""
    assert is_of_this_machine(request_)


@pytest.mark.parametrize(
    "request_",
    [
        scope("10.0.0.7"),
        scope(None),
        scope("testclient"),
        scope(host="study.example.org"),
        scope(host="localhost.example.org"),
        scope(host=""),
        scope(host="[::1"),
        scope(version="1.0"),
        scope(referer="https://study.example.org/"),
        scope(origin="https://study.example.org"),
        scope(origin="null"),
        scope(x_forwarded_for="203.0.113.7"),
        scope(x_forwarded_for="127.0.0.1"),
        scope(x_forwarded_proto="https"),
        scope(x_real_ip="127.0.0.1"),
        scope(forwarded="for=127.0.0.1"),
        scope(via="1.1 Caddy"),
        scope(cf_connecting_ip="127.0.0.1"),
    ],
)
def test_whoever_comes_by_a_proxy_is_somebody_else(request_: dict[str, Any]) -> None:
    """One sign of it is enough: another address or host, a page of another host, a header of a proxy."""
    assert not is_of_this_machine(request_)
