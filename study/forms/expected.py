"""What a condition waits for must be possible: a misspelt option would hide an item for good."""

from pydantic_core import PydanticCustomError

from study.forms.bounds import is_date, is_time
from study.forms.item import OTHER, Item, ItemKind


def check_expected(item: Item, expected: str | bool | int | float | None) -> None:
    """Make sure that an item can be answered so.

    Args:
        item: What a condition looks at.
        expected: What it waits for; None for anything.

    Raises:
        PydanticCustomError: It never can.
    """
    if expected is None:
        return
    if item.options:
        known = [option.value for option in item.options] + ([OTHER] if item.other else [])
        possible, like = expected in known, ", ".join(known)
    elif item.kind == ItemKind.YES_NO:
        possible, like = isinstance(expected, bool), "true, false"
    elif item.kind in {ItemKind.NUMBER, ItemKind.SCALE, ItemKind.SLIDER}:
        possible, like = isinstance(expected, int | float) and not isinstance(expected, bool), "numbers"
    else:
        possible, like = isinstance(expected, str), "texts"
    if not possible:
        message = "the answer to {id} is never {expected}; it may be: {like}"
        told = {"id": item.id, "expected": str(expected), "like": like}
        raise PydanticCustomError("form_condition_item", message, told)


def check_reachable(item: Item, bound: int | float | str) -> None:
    """Make sure that an item's answer can be held against a bound.

    Args:
        item: What a condition looks at.
        bound: Its `at_least` or `at_most`.

    Raises:
        PydanticCustomError: The answer has no more and less, or the bound is of another kind.
    """
    if item.kind == ItemKind.DATE:
        possible, like = isinstance(bound, str) and is_date(bound), 'a date such as "2026-01-31"'
    elif item.kind == ItemKind.TIME:
        possible, like = isinstance(bound, str) and is_time(bound), 'a time such as "08:30"'
    elif item.kind in {ItemKind.NUMBER, ItemKind.SCALE, ItemKind.SLIDER} and not item.options:
        possible, like = not isinstance(bound, str), "a number"
    else:
        possible, like = False, "nothing: use 'is'"
    if not possible:
        message = "the answer to {id} is never more or less than {bound}; it can be held against {like}"
        raise PydanticCustomError(
            "form_condition_item", message, {"id": item.id, "bound": str(bound), "like": like}
        )
