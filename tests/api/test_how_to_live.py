"""What the how-to on following live says, done as it stands there."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Final

from tests.fakes import FakeAgent
from tests.stages.talk import words

PAGE: Final = Path("docs/how-to/follow-a-conversation-live.md")


def block_of(language: str, base: str) -> str:
    """The page's only block in a language, at another address."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return found.replace("http://localhost:8000/api/v1", base)


async def printed(*command: str) -> str:
    """What a program prints."""
    running = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == 0, out.decode()
    return out.decode()


async def test_curl_shows_a_reply_as_it_comes(base: str, agent: FakeAgent) -> None:
    """Three lines of shell sign in, say something, and print the events."""
    agent.enqueue(*words("Good ", "morning."))
    out = await printed("sh", "-c", block_of("sh", base))
    assert "event: token" in out
    assert '"content":"Good morning."' in out


async def test_python_prints_a_reply_word_by_word(base: str, agent: FakeAgent) -> None:
    """And would go on after a cut."""
    agent.enqueue(*words("Good ", "morning."))
    assert await printed(sys.executable, "-c", block_of("python", base)) == "Good morning."
