"""All pages of a participant lead to one process: by a cookie that says nothing of who they are."""

from http.cookies import SimpleCookie

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from page import place
from page.place import PLACE_COOKIE, PlaceCookie, place_of

ADA, BOB = "4f6ad0c9-52d8-4bfa-a3d6-f2f5b4d61f19", "fb0e5a3e-4c4e-49e8-8f0c-d0b8d4cf25a0"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A page; whoever sends a cookie `who` is signed in."""
    monkeypatch.setattr(
        place, "who_is_in", lambda asked: (asked.cookies["who"], "s") if "who" in asked.cookies else None
    )

    async def page(_: object) -> PlainTextResponse:
        return PlainTextResponse("page")

    return TestClient(PlaceCookie(Starlette(routes=[Route("/", page)])), base_url="https://study.test")


def given(client: TestClient, **cookies: str) -> SimpleCookie:
    """What is set when the page is asked for."""
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return SimpleCookie(client.get("/", headers={"cookie": header}).headers.get("set-cookie", ""))


def test_who_is_in_has_one_of_256(client: TestClient) -> None:
    """The same on every device, and it is no name: two digits of a digest."""
    cookie = given(client, who=ADA)[PLACE_COOKIE]
    assert cookie.value == place_of(ADA) == given(client, who=ADA)[PLACE_COOKIE].value
    assert len(cookie.value) == 2
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "lax")


def test_it_is_given_once(client: TestClient) -> None:
    """Whoever has it is not given it again; another who signs in on this device gets theirs."""
    assert given(client, who=ADA, verbatim_place=place_of(ADA)) == {}
    assert given(client, who=BOB, verbatim_place=place_of(ADA))[PLACE_COOKIE].value == place_of(BOB)


def test_nobody_in_particular_has_none(client: TestClient) -> None:
    """Before the sign-in the proxy goes by the address."""
    assert given(client) == {}
