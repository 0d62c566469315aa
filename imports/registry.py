"""The sources that can be asked for, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from imports.foreign import ForeignSource
from imports.sources.chainlit import ChainlitSchema
from imports.sources.chat_sessions import ChatSessionTables
from imports.sources.chatgpt import ChatGPTExport
from imports.sources.conversations import ConversationsTable
from imports.sources.local_storage import LocalStorage
from imports.sources.mongo import MongoJson
from imports.sources.oasst import OpenAssistant
from imports.sources.openai_jsonl import OpenAIJsonl
from imports.sources.sharegpt import ShareGPTFile
from imports.sources.wildchat import WildChat
from study.errors import ImportFailed


@dataclass(frozen=True)
class SourceKind:
    """A kind of source.

    Args:
        name: As it is asked for; at most 32 letters.
        says: What it is, in a line.
        make: Makes its reader.
        owned: Whether all threads of a file are one participant's where they name nobody.
    """

    name: str
    says: str
    make: Callable[[], ForeignSource]
    owned: bool = False


SOURCES: Final = (
    SourceKind("chainlit", "Chainlit's own SQLAlchemy schema, in SQLite or PostgreSQL", ChainlitSchema),
    SourceKind("conversations", "a table `conversations`, in SQLite, PostgreSQL or CSV", ConversationsTable),
    SourceKind("mongo", "MongoDB's JSON of chat_sessions and messages", MongoJson),
    SourceKind("chat_sessions", "tables chat_sessions and chat_messages", ChatSessionTables),
    SourceKind("local_storage", "a browser's localStorage with such sessions", LocalStorage, owned=True),
    SourceKind("chatgpt", "ChatGPT's conversations.json, or its zip", ChatGPTExport, owned=True),
    SourceKind("openai", "JSONL with `messages` as OpenAI's chat API has them", OpenAIJsonl),
    SourceKind("sharegpt", "JSONL or JSON in ShareGPT's shape", ShareGPTFile),
    SourceKind("wildchat", "WildChat, as JSONL or Parquet", WildChat),
    SourceKind("oasst", "OpenAssistant's trees or messages, as JSONL or Parquet", OpenAssistant),
)


def source_of(name: str) -> SourceKind:
    """A kind of source by its name.

    Raises:
        ImportFailed: There is none.
    """
    known = {kind.name: kind for kind in SOURCES}
    if name not in known:
        raise ImportFailed(f"There is no source {name!r}. Write one of: {', '.join(known)}.")
    return known[name]
