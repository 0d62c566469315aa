"""A participant who talks in one thread, and what the record then holds of it."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from agent.events import Event, TextDelta
from data_layer.chainlit.shapes import thread_dict
from data_layer.conversations.attachments import Pending
from data_layer.database.rows import Row
from data_layer.record import Record
from stages.chat.forms import FormSent
from stages.chat.stage import ChatStage
from stages.screen import Screen
from stages.spoken import Spoken
from study.strings import Strings
from tests.data_layer.rows import ADA, new_id, read_thread, rows
from tests.fakes import FakeAgent, FakeScreen

LIMIT: Final = 10_000
# Seconds that a test waits for what must happen; nothing is asserted about how long it took.
PATIENCE_S: Final = 10


def words(*texts: str) -> list[Event]:
    """A script that says something, word by word."""
    return [TextDelta(text) for text in texts]


def upload(record: Record, content: bytes = b"words", name: str = "notes.txt", whose: str = ADA) -> str:
    """What the route of uploads has taken.

    Returns:
        Its id.
    """
    attachment_id = new_id()
    record.attachments.begin(whose, attachment_id).write_bytes(content)
    kind, mime = ("image", "image/png") if name.endswith(".png") else ("text", "text/plain")
    digest = hashlib.sha256(content).hexdigest()
    record.attachments.put(
        Pending(attachment_id, whose, new_id(), name, kind, mime, len(content), digest), most=10
    )
    return attachment_id


async def until(happened: Callable[[], Any]) -> None:
    """Wait for something that another task does."""
    async with asyncio.timeout(PATIENCE_S):
        while not happened():  # noqa: ASYNC110  # what it waits for is a list that grows
            await asyncio.sleep(0.001)


class Talk:
    """A participant at a screen.

    Args:
        stage: Who hears them.
        record: What is kept.
        participant_id: Who they are.
        thread_id: Where they are; a new thread by default.
    """

    def __init__(
        self, stage: ChatStage, record: Record, participant_id: str = ADA, thread_id: str | None = None
    ) -> None:
        self.stage = stage
        self.record = record
        self.participant_id = participant_id
        self.thread_id = thread_id or new_id()
        self.screen = FakeScreen()
        self._tasks: list[asyncio.Task[None]] = []

    async def say(
        self,
        text: str,
        message_id: str | None = None,
        agent: str | None = None,
        files: tuple[str, ...] = (),
    ) -> str:
        """Send a message and wait until its turn is over.

        Returns:
            The message's id.
        """
        spoken = self.spoken(text, message_id, agent)
        await self.stage.hear(replace(spoken, files=files), self.screen)
        return spoken.message_id

    async def say_many(self, agent: FakeAgent, count: int) -> str:
        """A conversation of some turns.

        Returns:
            The first message's id.
        """
        ids = []
        for number in range(count):
            agent.enqueue(TextDelta(f"answer {number}"))
            ids.append(await self.say(f"said {number}"))
        return ids[0]

    def begin(self, text: str, message_id: str | None = None) -> asyncio.Task[None]:
        """Send a message and go on meanwhile, as Chainlit does."""
        task = asyncio.create_task(self.stage.hear(self.spoken(text, message_id), self.screen))
        self._tasks.append(task)
        return task

    async def answer(self, form_id: str, message_id: str | None = None, **values: Any) -> str:
        """Send a form.

        Returns:
            The id of the message that it makes.
        """
        spoken = self.spoken("", message_id)
        await self.stage.answer_form(spoken, FormSent(form_id, values), self.screen)
        return spoken.message_id

    async def edit(self, message_id: str, text: str) -> None:
        """Say a message otherwise."""
        await self.stage.edit(self.spoken(text, message_id), self.screen)

    async def retry(self, message_id: str) -> None:
        """Press Retry."""
        await self.stage.retry(self.spoken("", message_id), self.screen)

    async def again(self, step_id: str) -> None:
        """Press Try again, under an answer."""
        await self.stage.again(self.spoken("", step_id), self.screen)

    async def walk(self, step_id: str, number: int) -> None:
        """Press an arrow, under a message or an answer."""
        await self.stage.show_branch(self.spoken("", step_id), number, self.screen)

    def stop(self) -> bool:
        """Press Stop."""
        return self.stage.stop(self.thread_id)

    def spoken(self, text: str, message_id: str | None = None, agent: str | None = None) -> Spoken:
        """What the stage hears."""
        return Spoken(
            self.thread_id, self.participant_id, new_id() if message_id is None else message_id, text, agent
        )

    async def steps(self) -> list[Row]:
        """The thread's steps, in order, those that left the screen too."""
        await self.record.writer.flush()
        return await rows(self.record, "steps", thread_id=self.thread_id)

    async def runs(self) -> list[Row]:
        """The thread's runs, likewise."""
        await self.record.writer.flush()
        return await rows(self.record, "runs", thread_id=self.thread_id)

    async def living(self) -> list[str]:
        """The texts that the record says stand on the screen."""
        return [row["output"] for row in await self.steps() if row["deleted_at"] is None]

    async def until_living(self, *texts: str) -> None:
        """Wait until these are the texts on the screen, by the record."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.living() != list(texts):  # noqa: ASYNC110  # the database tells nobody
                await asyncio.sleep(0.001)

    async def reloaded(self) -> dict[str, Row]:
        """What a page that is loaded now would show, by id."""
        await self.record.writer.flush()
        kept = await read_thread(self.record.database, self.thread_id)
        assert kept is not None
        return {step["id"]: step for step in thread_dict(kept)["steps"]}

    async def leave(self) -> None:
        """End what a test has left running."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def living(talk: Talk) -> list[dict[str, Any]]:
    """What stands on the screen, by the record."""
    return [row for row in await talk.steps() if row["deleted_at"] is None]


async def same_after_reload(talk: Talk) -> None:
    """The screen shows what a page that is loaded now would; a page draws its own new messages itself."""
    kept = await talk.reloaded()
    drawn = talk.screen.steps
    own = {step_id for step_id, step in kept.items() if step["type"] == "user_message"}
    assert drawn == {
        step_id: step for step_id, step in kept.items() if step_id in drawn or step_id not in own
    }


async def place(talk: Talk, step_id: str) -> tuple[int, int]:
    """What the arrows under a message say, as the page was told last."""
    branch = talk.screen.marks[step_id]["branch"]
    return branch["at"], branch["of"]


class Looking:
    """A door at which ADA looks at every thread of hers."""

    def __init__(self) -> None:
        self.screen = FakeScreen()

    def screen_of(self, participant_id: str, thread_id: str, strings: Strings) -> Screen | None:
        """Hers; nobody else's."""
        return self.screen if participant_id == ADA else None
