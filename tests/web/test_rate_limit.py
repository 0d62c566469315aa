"""How often somebody may try something."""

import time

import pytest
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from starlette.requests import HTTPConnection

from web.rate_limit import RateLimit, WindowsInMemory, address_of

FEW = RateLimitItemPerMinute(2, namespace="few")
MANY = RateLimitItemPerHour(9, namespace="many")


def test_who_tries_too_often_waits() -> None:
    """Somebody else does not, and neither does the same person at another door."""
    limit = RateLimit()
    assert [limit.wait_s((FEW, "ada")) for _ in range(2)] == [0, 0]
    assert 1 <= limit.wait_s((FEW, "ada")) <= 60
    assert limit.wait_s((FEW, "bob")) == 0
    assert limit.wait_s((MANY, "ada")) == 0


def test_an_attempt_counts_in_all_its_limits() -> None:
    """The longest wait is the one that holds; an attempt that one limit refuses still counts in the other."""
    limit = RateLimit()
    waits = [limit.wait_s((FEW, "ada"), (MANY, "ada")) for _ in range(10)]
    assert waits[:2] == [0, 0]
    assert all(1 <= wait <= 60 for wait in waits[2:9])
    assert 60 < waits[9] <= 3600


def test_what_is_forgotten_begins_anew() -> None:
    """Of one limit and one person."""
    limit = RateLimit()
    for _ in range(3):
        limit.wait_s((FEW, "ada"), (MANY, "ada"))
    limit.forget(FEW, "ada")
    assert limit.wait_s((FEW, "ada")) == 0


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_home_is_one_address(host: str, address: str) -> None:
    """In IPv6 it has 2^64 of them, which would be as many attempts."""
    assert address_of(HTTPConnection({"type": "http", "client": (host, 1)})) == address
    assert address_of(HTTPConnection({"type": "http", "client": None})) == ""


def test_who_does_not_come_again_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that they tried, once its window has passed; whoever is still counted stays so."""
    windows = WindowsInMemory()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    assert all(windows.acquire_entry(key, 2, 60) for key in ("early", "early", "late"))
    assert not windows.acquire_entry("early", 2, 60)
    now += 61
    assert windows.acquire_entry("new", 2, 300)
    assert set(windows.events) == {"new"}
    now += 61
    assert windows.acquire_entry("early", 2, 60)
    assert set(windows.events) == {"new", "early"}
