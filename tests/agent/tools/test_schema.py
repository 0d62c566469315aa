"""A tool's schema is its signature and docstring; arguments that do not fit are told with their repair."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Literal

import pytest

from agent.tools import ToolContext
from agent.tools.declare import ToolOptions, tool
from agent.tools.schema import ArgumentsRefused, ToolFault, ToolSignature


@tool(idempotent=True, timeout_s=3)
async def add_item(
    context: ToolContext,
    item: str,
    quantity: int = 1,
    size: Literal["small", "large"] | None = None,
    title: str = "",
) -> dict[str, Any]:
    """Put an item into the order.

    Only items of the menu can be ordered.

    Args:
        context: Whose order.
        item: Its name,
            as the menu writes it.
        quantity (int): How many.

    Returns:
        The order.
    """
    return {}


def test_signature_and_docstring_are_the_schema() -> None:
    """Names, types, defaults and meanings; no context, and no titles but the parameter that is called so."""
    said = ToolSignature(add_item)
    assert said.description == "Put an item into the order.\n\nOnly items of the menu can be ordered."
    assert said.parameters == {
        "type": "object",
        "additionalProperties": False,
        "required": ["item"],
        "properties": {
            "item": {"type": "string", "description": "Its name, as the menu writes it."},
            "quantity": {"type": "integer", "default": 1, "description": "How many."},
            "size": {
                "anyOf": [{"type": "string", "enum": ["small", "large"]}, {"type": "null"}],
                "default": None,
            },
            "title": {"type": "string", "default": ""},
        },
    }


def test_arguments_come_with_their_defaults() -> None:
    """What the model left out is there under the function's own names."""
    said = ToolSignature(add_item)
    assert said.arguments('{"item": "Tea", "quantity": 2}') == {
        "item": "Tea",
        "quantity": 2,
        "size": None,
        "title": "",
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            '{"item": "Tea", "quantity": "two"}',
            'quantity should be a valid integer, and is "two". Change it.',
        ),
        ('{"item": "Tea", "quantity": "2"}', 'quantity should be a valid integer, and is "2". Change it.'),
        ('{"item": "Tea", "quantity": true}', "quantity should be a valid integer, and is true."),
        ("{}", "item is missing. Give it a value."),
        (
            '{"item": "Tea", "colour": 1}',
            "colour is no parameter of add_item. Its parameters: item, quantity",
        ),
        ('{"item": "Tea", "context": {}}', "context is no parameter of add_item."),
        ('{"item": "Tea", "field_1": "x"}', "field_1 is no parameter of add_item."),
        ('{"item": "Tea", "size": "huge"}', "size should be 'small' or 'large', and is \"huge\". Change it."),
        ('{"item": "Te', "The arguments are not JSON (Invalid JSON: EOF"),
        ("[1]", "The arguments must be one JSON object."),
        ("null", "The arguments must be one JSON object."),
        ('{"item": "\\ud800"}', "The arguments are not JSON"),
    ],
)
def test_what_does_not_fit_is_told(given: str, told: str) -> None:
    """Each sentence names the parameter and what to change; nothing is converted in silence."""
    with pytest.raises(ArgumentsRefused) as refused:
        ToolSignature(add_item).arguments(given)
    assert told in str(refused.value)


def test_no_text_is_no_arguments() -> None:
    """Models leave the arguments empty where a tool takes none."""

    def show_menu() -> str:
        """Show the menu."""
        return ""

    assert ToolSignature(show_menu).arguments("") == {}


def _undocumented(item: str) -> None: ...


def _untyped(item) -> None:  # type: ignore[no-untyped-def]
    """Do it."""


def _many(*items: str) -> None:
    """Do it."""


def _unwritable(item: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821
    """Do it."""


def _no_json(item: Callable[[], int]) -> None:
    """Do it."""


def _infinite(most: float = float("inf")) -> None:
    """Default."""


def _half() -> None:
    """Half of \ud800."""


def _two_contexts(context: ToolContext, other: ToolContext) -> None:
    """Two."""


def _maybe_context(context: ToolContext | None) -> None:
    """Maybe."""


def _yields() -> Iterator[int]:
    """Yield."""
    yield 1


async def _yields_later() -> AsyncIterator[int]:
    """Yield."""
    yield 1


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (_infinite, "_infinite says what JSON cannot hold"),
        (_half, "_half says what JSON cannot hold"),
        (_two_contexts, "other is not the one ToolContext that a tool is given. Write it once"),
        (_maybe_context, "context is not the one ToolContext that a tool is given. Write it once"),
        (_yields, "_yields yields what it finds. Let it return a list."),
        (_yields_later, "_yields_later yields what it finds. Let it return a list."),
        (_undocumented, "_undocumented has no docstring"),
        (_untyped, "_untyped: the parameter item has no type. Write it like: item: str"),
        (_many, "_many takes *items: str: give each parameter a name"),
        (_unwritable, "_unwritable has a type that cannot be read (name 'Nowhere' is not defined)"),
        (_no_json, "_no_json takes what JSON cannot hold"),
    ],
)
def test_what_cannot_be_a_tool_is_told(function: Any, told: str) -> None:
    """Each with the function's name and what to write."""
    with pytest.raises(ToolFault) as fault:
        ToolSignature(function)
    assert told in str(fault.value)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"idempotent": "no"}, "idempotent must be True or False. Write it like: idempotent=False"),
        ({"asks_first": 1}, "asks_first must be True or False"),
        ({"timeout_s": "10"}, "timeout_s must be a number. Write it like: timeout_s=10.0"),
        (
            {"longest_result": 2e4},
            "longest_result must be a whole number. Write it like: longest_result=20000",
        ),
        ({"question": None}, "question must be a text"),
    ],
)
def test_an_option_of_another_kind_is_refused(option: dict[str, Any], told: str) -> None:
    """The text "no" would count as yes."""
    with pytest.raises(TypeError, match=told):
        tool(**option)


def test_options_out_of_bounds_are_refused() -> None:
    """A time limit that no call can hold, or a result too short to say anything."""
    with pytest.raises(ValueError, match="timeout_s=10"):
        ToolOptions(timeout_s=0)
    with pytest.raises(ValueError, match="longest_result=20_000"):
        tool(longest_result=1)
