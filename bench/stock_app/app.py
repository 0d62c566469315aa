"""The peer: Chainlit as its documentation has it, on its own SQLAlchemyDataLayer and SQLite.

It is run in a folder of its own (`bench.load` copies it there), beside its database stock.db.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import chainlit as cl
from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.types import ThreadDict

HERE = Path(__file__).parent
PASSWORD = "bench"  # noqa: S105 - on loopback, for minutes
WORDS = 40
PAUSE_S = 0.020

if not (HERE / "stock.db").exists():
    with closing(sqlite3.connect(HERE / "stock.db")) as database:
        database.executescript((HERE / "schema.sql").read_text(encoding="utf-8"))


@cl.data_layer
def data_layer() -> SQLAlchemyDataLayer:
    """Keep everything where the documentation says."""
    return SQLAlchemyDataLayer(conninfo=f"sqlite+aiosqlite:///{HERE / 'stock.db'}")


@cl.password_auth_callback
async def log_in(username: str, password: str) -> cl.User | None:
    """Let everybody in who knows the one password."""
    return cl.User(identifier=username) if password == PASSWORD else None


@cl.on_chat_resume
async def on_chat_resume(thread: ThreadDict) -> None:
    """Let threads be opened again."""


@cl.on_message
async def on_message(message: cl.Message) -> None:
    """Answer with forty tokens, with a pause of 20 ms before each; to "long" with ten times as many."""
    reply: Any = cl.Message(content="")
    for place in range(WORDS * (10 if message.content == "long" else 1)):
        await asyncio.sleep(PAUSE_S)
        await reply.stream_token(f"word{place + 1:02d} ")
    await reply.send()
