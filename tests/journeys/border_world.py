"""The server that the border's tests attack: a study with everything on, a participant who used it."""

import base64
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from bench.process import verbatim
from tests.fake_openai import FakeOpenAI
from tests.journeys.attacker import World
from tests.journeys.raw_socket import Socket, new_id, said
from tests.journeys.server import TREE

# What stands for all that no participant may see: a prompt, a model, a parameter, a description of them.
CANARY: Final = "canary-in-the-coal-mine"
OWNER: Final = "Olive Owner"
WORDS: Final = "My neighbour's cat is called Borges."

STUDY: Final = f"""\
id: border
title: "Everyday conversations"
contact: "border@example.org"
welcome: "Talk about anything."
agents:
  - name: "Assistant"
    kind: openai
    default: true
    model: "{CANARY}-model"
    prompt: prompt.md
    parameters:
      temperature: 0.125
ratings:
  good: ["Helpful"]
  bad: ["Wrong"]
attachments:
  max_files: 2
  max_size_mb: 1
sharing:
  days: 7
limits:
  message_length: 10000
"""


PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class Belongings:
    """What the owner has, and others would like to have."""

    thread_id: str
    session_id: str
    message_id: str
    run_id: str
    reply_id: str
    element_id: str
    deleted_thread_id: str
    share_id: str
    share_path: str

    def ids(self) -> dict[str, str]:
        """By the names that the routes give them."""
        return {
            "thread_id": self.thread_id,
            "message_id": self.reply_id,
            "element_id": self.element_id,
            "share_id": self.share_id,
            "token": self.share_path.rpartition("/")[2],
        }


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """Start the server on a study and a database of its own."""
    study = folder / "study"
    study.mkdir()
    (study / "study.yaml").write_text(STUDY, encoding="utf-8")
    (study / "prompt.md").write_text(f"You are a {CANARY}.", encoding="utf-8")
    with FakeOpenAI("A fine name for a cat.") as model:
        server = verbatim(TREE, folder / "data", study)
        server.environment |= {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": f"{CANARY}-key"}
        with server:
            world = World(server, folder / "data" / "verbatim.db", itertools.count(1))
            yield world
            world.close()


async def say(
    world: World, client: httpx2.Client, text: str, *, id_: str | None = None, file: bytes | None = None
) -> tuple[str, str]:
    """Say something in a new thread, and wait for the reply.

    Returns:
        The thread and the session.
    """
    async with Socket(world, client) as page:
        await page.begin()
        message = said(text, id=id_ or new_id())
        if file is not None:
            answer = upload(client, page.session_id, file)
            assert answer.status_code == 200, answer.text
            message["fileReferences"] = [{"id": answer.json()["id"]}]
        await page.emit("client_message", message)
        await page.answered()
    await world.settle()
    query = "SELECT thread_id FROM steps WHERE step_id = ?"
    return world.rows(query, message["message"]["id"])[0][0], page.session_id


def upload(
    client: httpx2.Client, session_id: str, content: bytes, name: str = "cat.png", mime: str = "image/png"
) -> httpx2.Response:
    """Send a file as the page does."""
    return client.post(f"/project/file?session_id={session_id}", files={"file": (name, content, mime)})


async def furnish(world: World, name: str = OWNER) -> Belongings:
    """Let somebody say two things in two threads, and use all that the page offers."""
    owner = world.somebody(name)
    deleted, _ = await say(world, owner, "Forget this.")
    assert owner.delete(f"/me/threads/{deleted}").status_code == 200
    message_id = new_id()
    thread_id, session_id = await say(world, owner, WORDS, id_=message_id, file=PNG)
    run_id = world.rows("SELECT run_id FROM runs WHERE message_id = ?", message_id)[0][0]
    query = "SELECT step_id FROM steps WHERE run_id = ? AND type = 'assistant_message'"
    reply_id = world.rows(query, run_id)[0][0]
    for path, body in (
        (f"/me/ratings/{reply_id}", {"value": 1, "reasons": ["Helpful"], "comment": "Thank you."}),
        (f"/me/bookmarks/{reply_id}", {}),
        (f"/me/threads/{thread_id}/tags", {"tags": ["cats"]}),
    ):
        answer = owner.put(path, json=body)
        assert answer.status_code == 200, answer.text
    shared = owner.post(f"/me/threads/{thread_id}/shares")
    assert shared.status_code == 201, shared.text
    element_id = world.rows("SELECT element_id FROM elements WHERE thread_id = ?", thread_id)[0][0]
    share = shared.json()
    return Belongings(
        thread_id,
        session_id,
        message_id,
        run_id,
        reply_id,
        element_id,
        deleted,
        share["id"],
        share["path"],
    )
