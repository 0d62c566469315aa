"""Whether an item is shown, after what was answered before it; rules.js says the same in the page."""

from collections.abc import Mapping
from typing import Any

from study.forms.item import Condition, Item


def is_shown(item: Item, answers: Mapping[str, Any]) -> bool:
    """Whether an item is shown.

    Args:
        item: The item.
        answers: What was answered before it, as `check` writes it.
    """
    return item.show_if is None or holds(item.show_if, answers)


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Whether a condition holds; what was not answered, or not shown, makes it false.

    Args:
        condition: The condition.
        answers: What was answered so far, as `check` writes it.
    """
    if condition.all_ is not None:
        return all(holds(one, answers) for one in condition.all_)
    if condition.any_ is not None:
        return any(holds(one, answers) for one in condition.any_)
    value = answers.get(condition.item or "")
    if value is None:
        return False
    return (
        (condition.is_ is None or _is(value, condition.is_))
        and (condition.is_not is None or not _is(value, condition.is_not))
        and (condition.at_least is None or _reaches(value, condition.at_least))
        and (condition.at_most is None or _reaches(condition.at_most, value))
    )


def _is(value: Any, expected: Any) -> bool:
    if isinstance(value, list):
        return expected in value
    return isinstance(value, bool) == isinstance(expected, bool) and bool(value == expected)


def _reaches(value: Any, bound: Any) -> bool:
    numbers = [isinstance(one, int | float) and not isinstance(one, bool) for one in (value, bound)]
    texts = [isinstance(one, str) for one in (value, bound)]
    return (all(numbers) or all(texts)) and bool(value >= bound)
