"""What a study's module says of its tools, and what a tool is given when it is called.

A tool is a function with types and a docstring; the decorator is for what these cannot say:

    @tool(timeout_s=5)
    async def add_order_item(context: ToolContext, menu_item_id: str, quantity: int = 1) -> dict:
        # Its docstring: what the model reads, and under "Args:" what each parameter means.
        ...
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final, Protocol, TypeVar, overload

from pydantic import JsonValue

MARK: Final = "__verbatim_tool__"  # where a function holds what its decorator said
_KINDS: Final = {bool: "True or False", float: "a number", int: "a whole number", str: "a text"}
F = TypeVar("F", bound=Callable[..., Any])


class ToolStore(Protocol):
    """What tools keep of a thread from call to call: in the study's database, until a withdrawal."""

    async def get(self, key: str) -> JsonValue:
        """What stands under a key; None where nothing does."""

    async def put(self, key: str, value: JsonValue) -> None:
        """Keep a value under a key, instead of what stood there. It is kept when this returns."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """For whom a tool is called. A parameter with this annotation gets it; no model sees it.

    Args:
        thread_id: The conversation.
        participant_id: Whose it is: a pseudonym.
        run_id: The reply in which it is called.
        idempotency_key: The same for the same decision, however often it is tried. A tool that hands it
            to a service that takes such keys may declare itself idempotent.
        store: What tools keep of this thread.
    """

    thread_id: str
    participant_id: str
    run_id: str
    idempotency_key: str
    store: ToolStore


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """What a tool says of itself.

    Args:
        idempotent: Calling it again with the same key does nothing more: it is tried again when it fails.
        acts: It changes something. One that only looks things up may be called as often as one likes.
        timeout_s: The longest that one call may take.
        asks_first: The participant is asked before it is called.
        completes: What the participant wanted is done when it has succeeded.
        longest_result: Characters of a result, as JSON, that an agent gets.
        question: What the participant is asked; for "{name}" stands the value of that parameter. Without one,
            the docstring's first line.
    """

    idempotent: bool = False
    acts: bool = True
    timeout_s: float = 10.0
    asks_first: bool = False
    completes: bool = False
    longest_result: int = 20_000
    question: str = ""

    def __post_init__(self) -> None:
        for one in fields(self):
            given, wanted = getattr(self, one.name), type(one.default)
            # A text such as "no" would count as yes.
            if type(given) is not wanted and not (wanted is float and type(given) is int):
                like = f"{one.name}={one.default!r}"
                raise TypeError(f"{one.name} must be {_KINDS[wanted]}. Write it like: {like}")
        if not 0 < self.timeout_s <= 600:
            raise ValueError("timeout_s must be more than 0 and at most 600. Write it like: timeout_s=10")
        if self.longest_result < 100:
            raise ValueError("longest_result must be at least 100. Write it like: longest_result=20_000")


class ToolError(Exception):
    """A tool did not do what it was asked for. Its words reach the model, and the participant's page."""


class ServerToolError(Exception):
    """A server of tools failed. Its words reach the model; nobody knows whether something was done.

    Args:
        words: What it said.
        error_type: For programs.
    """

    def __init__(self, words: str, *, error_type: str) -> None:
        super().__init__(words)
        self.error_type = error_type


@overload
def tool(function: F, /) -> F: ...
@overload
def tool(
    *,
    idempotent: bool = False,
    acts: bool = True,
    timeout_s: float = 10.0,
    asks_first: bool = False,
    completes: bool = False,
    longest_result: int = 20_000,
    question: str = "",
) -> Callable[[F], F]: ...
def tool(function: F | None = None, /, **options: Any) -> F | Callable[[F], F]:
    """Say of a function how it is to be called as a tool; see ToolOptions.

    Args:
        function: The function, where nothing else is said.
        options: As ToolOptions names them.

    Returns:
        The function as it was.

    Raises:
        ValueError: An option is out of bounds.
        TypeError: There is no such option.
    """
    said = ToolOptions(**options)

    def mark(marked: F) -> F:
        setattr(marked, MARK, said)
        return marked

    return mark if function is None else mark(function)


def options_of(function: Callable[..., Any]) -> ToolOptions:
    """What a function's decorator said; what holds without one."""
    said = getattr(function, MARK, None)
    return said if isinstance(said, ToolOptions) else ToolOptions()
