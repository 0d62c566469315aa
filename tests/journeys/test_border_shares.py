"""Shared conversations, attacked: guessed, ended, of others, and what a reader learns."""

import secrets

import pytest

from tests.journeys.attacker import World
from tests.journeys.border_world import OWNER, PNG, WORDS, Belongings, say
from tests.journeys.raw_socket import Socket, new_id, said

pytestmark = pytest.mark.journey

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)> [go](javascript:alert(1)) ![x](https://x.invalid/p)"


async def test_a_link_is_not_guessed(world: World, owners: Belongings) -> None:
    """A wrong token, an id in its place, and what looks like a part of the right one: all alike."""
    token = owners.share_path.rpartition("/")[2]
    nobody = world.nobody()
    guesses = [
        secrets.token_urlsafe(32),
        owners.share_id,
        owners.thread_id,
        token[:-1],
        token.swapcase(),
        "x",
        "%",
    ]
    async with world.nothing_changes():
        with world.logged("refused", "/shared/..."):
            nobody.get(f"/shared/{guesses[0]}")
        answers = [nobody.get(f"/shared/{guess}") for guess in guesses]
        answers += [nobody.get(f"/shared/{guess}/files/{owners.element_id}") for guess in guesses]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


async def test_a_reader_learns_what_was_said_and_nothing_else(world: World, owners: Belongings) -> None:
    """No name, no pseudonym, no id of the participant, their thread, or their other threads."""
    page = world.nobody().get(owners.share_path)
    assert "Borges" in page.text
    participant = world.rows("SELECT participant_id FROM threads WHERE thread_id = ?", owners.thread_id)[0][0]
    for secret in (OWNER, participant, owners.thread_id, owners.session_id, "Forget this", "Thank you."):
        assert secret not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers


async def test_a_link_gives_its_own_files_alone(world: World, owners: Belongings) -> None:
    """A file of another thread is not given by it, not even to its owner."""
    client = world.somebody()
    thread_id, _ = await say(world, client, "Mine.", file=PNG)
    element_id = world.rows("SELECT element_id FROM elements WHERE thread_id = ?", thread_id)[0][0]
    assert client.get(f"{owners.share_path}/files/{element_id}").status_code == 404
    assert client.get(f"{owners.share_path}/files/{owners.element_id}").content == PNG


async def test_a_link_ends_at_once_and_for_good(world: World) -> None:
    """When its owner ends it; and while its thread is deleted."""
    client, nobody = world.somebody(), world.nobody()
    thread_id, _ = await say(world, client, WORDS)
    ended = client.post(f"/me/threads/{thread_id}/shares").json()
    other = client.post(f"/me/threads/{thread_id}/shares").json()["path"]
    assert nobody.get(ended["path"]).status_code == 200
    assert client.delete(f"/me/threads/{thread_id}/shares/{ended['id']}").status_code == 200
    assert nobody.get(ended["path"]).status_code == 404
    assert client.delete(f"/me/threads/{thread_id}").status_code == 200
    assert nobody.get(other).status_code == 404


async def test_what_comes_later_is_not_shared(world: World) -> None:
    """Who has the link reads up to the moment at which it was made."""
    client = world.somebody()
    thread_id, _ = await say(world, client, WORDS)
    path = client.post(f"/me/threads/{thread_id}/shares").json()["path"]
    async with Socket(world, client, threadId=thread_id) as page:
        await page.begin()
        await page.emit("client_message", said("For other ears."))
        await page.answered()
    await world.settle()
    assert "other ears" not in world.nobody().get(path).text


async def test_script_is_text_wherever_it_was_put(world: World) -> None:
    """In a message, a title, a tag, a comment and a file's name: on no page is it markup that runs."""
    client = world.somebody(f"{SCRIPT[:25]}{new_id()[:8]}")
    thread_id, _ = await say(world, client, SCRIPT, file=PNG)
    reply_id = world.rows(
        "SELECT step_id FROM steps WHERE thread_id = ? AND type = 'assistant_message'", thread_id
    )[0][0]
    for path, body in (
        (f"/me/threads/{thread_id}", {"title": SCRIPT}),
        (f"/me/threads/{thread_id}/tags", {"tags": [SCRIPT[:30]]}),
        (f"/me/ratings/{reply_id}", {"value": 1, "reasons": [], "comment": SCRIPT}),
    ):
        assert client.put(path, json=body).status_code == 200
    shared = client.post(f"/me/threads/{thread_id}/shares").json()["path"]
    for address in (shared, f"/me/threads/{thread_id}/print", f"/thread/{thread_id}", "/"):
        page = client.get(address)
        assert page.headers["content-type"].startswith("text/html")
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert 'href="javascript:' not in page.text
        assert "unsafe-inline" not in page.headers["content-security-policy"].partition("style-src")[0]
    for address in (
        f"/me/threads/{thread_id}/earlier?before=9999999999999999",
        "/me/search?q=alert",
        "/me/threads",
        "/me/tags",
        "/me/bookmarks",
        f"/me/threads/{thread_id}/save.md",
        f"/me/threads/{thread_id}/save.txt",
        f"/me/threads/{thread_id}/save.json",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert not answer.headers["content-type"].startswith("text/html")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "\n" not in answer.headers.get("content-disposition", "")
    drawn = client.get(f"/me/threads/{thread_id}/earlier?before=9999999999999999").json()["html"]
    assert "<script" not in drawn
    assert "onerror=alert" not in drawn.replace("&lt;img src=x onerror=alert", "")
