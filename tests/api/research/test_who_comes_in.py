"""Which token opens which route: each route, by each way of not being let in."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import httpx2
from fastapi.routing import APIRoute
from limits import RateLimitItemPerMinute

from api.context import ApiContext
from api.rate_limits import CallerLimit
from api.research.routers import RESEARCH
from data_layer.record import Record
from study.roles import RIGHTS, ResearcherRole, Right, TokenScope
from tests.api.research.program import Program
from tests.data_layer.rows import rows
from tests.fakes import HandClock

NOBODYS: Final = "00000000-0000-4000-8000-000000000000"


def needs_of(route: APIRoute) -> tuple[TokenScope, Right]:
    """What a route asks of a token."""
    found = [getattr(one.call, "needs", None) for one in route.dependant.dependencies]
    (needs,) = [one for one in found if one is not None]
    return needs  # type: ignore[no-any-return]


def all_routes() -> Iterator[APIRoute]:
    """Every route of researchers."""
    for router in RESEARCH:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield route


async def ask(program: Program, route: APIRoute, **query: str) -> httpx2.Response:
    """Ask for a route, of what nobody has."""
    (method,) = route.methods
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", NOBODYS)
    body: Any = {"format": ["csv"]} if method == "POST" else None
    return await program.http.request(method, path, json=body, params=query)


def problem_of(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a problem, which has the one shape."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def test_each_route_asks_for_a_token() -> None:
    """None is without a scope and a right: a route that forgets would not be found here."""
    needed = {needs_of(route)[0] for route in all_routes()}
    assert needed == set(TokenScope)


async def refused_everywhere(program: Program, **query: str) -> set[tuple[int, str]]:
    """What each route answers."""
    return {problem_of(await ask(program, route, **query)) for route in all_routes()}


async def test_nobody_comes_in_without_a_token(program: Program, record: Record) -> None:
    """Every route asks for one; nothing is noted, and nothing made."""
    program.use(None)
    assert await refused_everywhere(program) == {(401, "no_such_token")}
    assert await rows(record, "exports") == await rows(record, "audit_log") == []


async def test_a_participants_token_opens_nothing(program: Program, record: Record) -> None:
    """However good it is for what is theirs."""
    entered = await program.http.post("/auth/login", data={"username": "Eve"})
    program.use(entered.json()["access_token"])
    assert (await program.http.get("/threads")).status_code == 200
    assert await refused_everywhere(program) == {(401, "no_such_token")}
    assert await rows(record, "exports") == await rows(record, "audit_log") == []


async def test_a_token_that_is_over_opens_nothing(program: Program, record: Record, clock: HandClock) -> None:
    """From its moment on, on every route."""
    program.use(await program.token("Olga", tuple(TokenScope), "short", timedelta(hours=1)))
    assert (await program.get("/studies")).status_code == 200
    clock.forward(3600)
    assert await refused_everywhere(program) == {(401, "no_such_token")}
    assert len(await rows(record, "audit_log")) == 1


async def test_a_token_that_was_revoked_opens_nothing(program: Program, record: Record) -> None:
    """At once, on every route, and nobody else revokes it."""
    olga = await record.researchers.find("Olga")
    assert olga is not None
    (token,) = await record.researcher_tokens.of(olga.researcher_id)
    assert await record.researcher_tokens.revoke(token.token_id, NOBODYS) is None
    assert (await program.get("/studies")).status_code == 200
    assert await record.researcher_tokens.revoke(token.token_id, olga.researcher_id) == "R"
    assert await refused_everywhere(program) == {(401, "no_such_token")}


async def test_a_token_does_what_it_is_for(program: Program) -> None:
    """With every scope but a route's it is refused; that one alone is enough."""
    for scope in TokenScope:
        await program.come_in("Olga", set(TokenScope) - {scope}, f"without {scope}")
        theirs = [route for route in all_routes() if needs_of(route)[0] is scope]
        for route in theirs:
            assert problem_of(await ask(program, route)) == (403, "wrong_scope"), route.path
        await program.come_in("Olga", {scope}, f"{scope} alone")
        for route in theirs:
            if needs_of(route)[0] is not TokenScope.EXPORTS or "GET" in route.methods:
                assert (await ask(program, route)).status_code in (200, 404, 422), route.path


async def test_a_token_is_as_weak_as_its_researcher_has_become(program: Program, record: Record) -> None:
    """A role that was lowered lowers it at once, on every route; the scope stays, and is worth nothing."""
    zoe = await program.researcher("Zoe", ResearcherRole.OWNER)
    await program.come_in("Zoe", tuple(TokenScope))
    for role in (ResearcherRole.CODER, ResearcherRole.VIEWER):
        await record.researchers.give_role(zoe, role)
        for route in all_routes():
            answer = await ask(program, route)
            assert (answer.status_code == 403) == (needs_of(route)[1] not in RIGHTS[role]), route.path


async def test_whoever_is_shut_out_has_no_token_any_more(program: Program, record: Record) -> None:
    """On every route, and for good: also when they are let in again."""
    zoe = await program.researcher("Zoe", ResearcherRole.RESEARCHER)
    await program.come_in("Zoe", tuple(TokenScope))
    await record.researchers.disable(zoe)
    assert await refused_everywhere(program) == {(401, "no_such_token")}
    await record.researchers.enable(zoe)
    assert await refused_everywhere(program) == {(401, "no_such_token")}


async def test_a_token_in_an_address_is_refused(program: Program, record: Record) -> None:
    """Whatever the parameter is called, and though a good one stands in the header as well."""
    token = await program.token("Olga", tuple(TokenScope), "another")
    assert await refused_everywhere(program, access_token=token) == {(400, "token_in_address")}
    program.use(None)
    assert await refused_everywhere(program, key=f"x{token}") == {(400, "token_in_address")}
    assert await rows(record, "audit_log") == []


async def test_a_token_opens_nothing_of_participants(program: Program) -> None:
    """It is no sign-in: what participants ask for answers as to nobody."""
    answer = await program.http.get("/threads")
    assert problem_of(answer) == (401, "signed_out")


async def test_a_new_password_ends_all_tokens(program: Program, record: Record) -> None:
    """Whoever learned the old one may have made some."""
    olga = await record.researchers.find("Olga")
    assert olga is not None
    await record.researchers.give_password(olga.researcher_id)
    assert (await program.get("/studies")).status_code == 401
    assert await record.researcher_tokens.of(olga.researcher_id) == []


async def test_a_token_has_so_much_to_ask(program: Program, context: ApiContext) -> None:
    """In a minute, each token for itself; every answer says how much is left, and when to go on."""
    object.__setattr__(context, "tokens", CallerLimit(RateLimitItemPerMinute(2, namespace="token")))
    answers = [await program.get("/studies") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem_of(answers[2]) == (429, "too_fast")
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert '"token";r=1' in answers[0].headers["RateLimit"]
    await program.come_in("Olga", [TokenScope.THREADS], "another")
    assert (await program.get("/studies")).status_code == 200


async def test_a_token_says_when_it_was_used(program: Program, record: Record, clock: HandClock) -> None:
    """To the minute: a program that asks each second writes no row each time."""
    olga = await record.researchers.find("Olga")
    assert olga is not None

    async def used() -> object:
        (token,) = await record.researcher_tokens.of(olga.researcher_id)
        return token.last_used_at

    assert await used() is None
    await program.get("/studies")
    first = await used()
    assert first is not None
    await program.get("/studies")
    assert await used() == first
    clock.forward(61)
    await program.get("/studies")
    assert await used() != first


async def test_the_schema_says_what_researchers_send(program: Program) -> None:
    """Each route names the token, and problems have the one shape."""
    schema = (await program.http.get("/openapi.json")).json()
    scheme = schema["components"]["securitySchemes"]["ResearcherToken"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for route in all_routes():
        (method,) = route.methods
        told = schema["paths"][route.path][method.lower()]
        assert told["security"] == [{"ResearcherToken": []}], route.path
        assert {"401", "403", "422", "429"} <= set(told["responses"])
