"""`python -m exports` as a process: what it is told, and what it says."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data_layer.database.rows import Row

ROOT: Final = Path(__file__).resolve().parents[2]
PLAIN: Final = ("since", "until", "agent", "participant", "view")


@dataclass(frozen=True)
class Ended:
    """How it ended.

    Args:
        code: 0 when all is well.
        said: To people, on standard error.
        gave: To programs, on standard output; empty when each line was heard as it came.
    """

    code: int
    said: str
    gave: str


async def run(
    words: Sequence[str], given: Sequence[str] = (), hear: Callable[[str], None] | None = None
) -> Ended:
    """Run it; if nobody waits any more, it is killed.

    Args:
        words: The command.
        given: Lines of standard input. The database's address and what is searched for are no business of
            the list of processes, which is everybody's.
        hear: Told of each line of standard output.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "exports", *words),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    said = asyncio.create_task(process.stderr.read())
    telling = asyncio.create_task(_tell(process.stdin, given))
    try:
        gave = await _heard(process.stdout, hear)
        code = await process.wait()
        return Ended(code, (await said).decode(errors="replace").strip(), gave)
    finally:
        said.cancel()
        telling.cancel()
        if process.returncode is None:
            process.kill()
            await process.wait()


def arguments_of(options: Row) -> list[str]:
    """The options of the command, from what was asked for; its threads go over standard input."""
    arguments = [f"--format={name}" for name in options["format"]]
    arguments += [f"--tables={name}" for name in options.get("tables", ())]
    arguments += [f"--{name}={options[name]}" for name in PLAIN if options.get(name)]
    arguments += [f"--where={name}={value}" for name, value in options.get("where", {}).items()]
    if options.get("threads"):
        arguments.append("--threads-from=-")
    for name in ("include_deleted", "include_identities", "include_vectors"):
        if options.get(name):
            arguments.append(f"--{name.replace('_', '-')}")
    return arguments


async def _tell(stdin: asyncio.StreamWriter, lines: Sequence[str]) -> None:
    """Hand the lines over; one that is gone already does not want them."""
    try:
        stdin.write("".join(f"{line}\n" for line in lines).encode())
        await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        stdin.close()


async def _heard(stdout: asyncio.StreamReader, hear: Callable[[str], None] | None) -> str:
    if hear is None:
        return (await stdout.read()).decode(errors="replace")
    async for line in stdout:
        hear(line.decode(errors="replace"))
    return ""
