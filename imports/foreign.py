"""A thread that was held elsewhere, in words that all sources share: between a reader and the writer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, Final, Protocol

from imports.remarks import Remarks


class ForeignRole(StrEnum):
    """Who or what said something there."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"
    THINKING = "thinking"
    OTHER = "other"  # a kind of work that is none of these; its name says which


# What stands on the screen as a message; all else is work beside one.
SPOKEN: Final = frozenset({ForeignRole.USER, ForeignRole.ASSISTANT, ForeignRole.SYSTEM})


class Times(StrEnum):
    """Whether a thread's messages bear their own times."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(slots=True)
class ForeignMessage:
    """A message, or a piece of work beside one.

    Args:
        key: Its id there, or what stands for it; no two of a thread share one.
        role: Who said it.
        content: What was said; what a tool gave.
        at: When, with its zone; None where that is not known.
        parent: The key of what it follows, in a thread that is a tree.
        name: Of a tool, or of a kind of work.
        input: What went into it.
        agent: Who answered, where the thread has several.
        model: That was asked.
        is_error: Whether it was shown as an error.
        deleted: Whether it was taken off the screen there.
        deleted_at: When.
        rating: 1 up, 0 down.
        comment: To the rating.
        metadata: What else was kept of it, without what says who somebody is.
        personal: What says who somebody is.
    """

    key: str
    role: ForeignRole
    content: str
    at: datetime | None = None
    parent: str | None = None
    name: str = ""
    input: str = ""
    agent: str | None = None
    model: str | None = None
    is_error: bool = False
    deleted: bool = False
    deleted_at: datetime | None = None
    rating: int | None = None
    comment: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ForeignThread:
    """A conversation.

    Args:
        key: Its id there.
        place: Its line, or its place among the threads, from 1.
        messages: In order; of a tree in any.
        user: Who took part, by the id that they have there; None where nobody says.
        title: As it was shown.
        agent: Who answered.
        at: When it began.
        deleted: Whether it was taken off the list there.
        deleted_at: When.
        tags: That were given to it.
        details: What else was kept of it.
        is_tree: Whether messages name their parents; else each follows the one before it.
        shown: Of a tree, the key of the message that stood last on the screen.
        is_named: Whether it has an id there; else the key only says where it stands.
    """

    key: str
    place: int
    messages: list[ForeignMessage] = field(default_factory=list)
    user: str | None = None
    title: str = ""
    agent: str | None = None
    at: datetime | None = None
    deleted: bool = False
    deleted_at: datetime | None = None
    tags: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    is_tree: bool = False
    shown: str | None = None
    is_named: bool = True


@dataclass
class HowFar:
    """How far a reader is: bytes of a file, or threads of a database.

    Args:
        done: So many.
        total: Of so many; None while that is not known.
        tell: Of an open file: where in it the reading is.
    """

    done: int = 0
    total: int | None = None
    tell: Callable[[], int] | None = field(default=None, repr=False)

    def look(self) -> "HowFar":
        """See where in its file the reading is."""
        if self.tell is not None:
            self.done = self.tell()
        return self


@dataclass(frozen=True)
class SourceRequest:
    """What a reader is asked for.

    Args:
        place: A file's path, or a database's address.
        zone: Of times that name none.
        told: Takes what cannot be read.
        far: Is told how far the reading is.
    """

    place: str
    zone: tzinfo
    told: Remarks
    far: HowFar = field(default_factory=HowFar)


class ForeignSource(Protocol):
    """Reads one kind of source."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read its threads, one after another; what is broken is told, and passed over.

        Args:
            asked: Where, and how.

        Raises:
            ImportFailed: It is no such source, or cannot be read at all.
        """
        ...
