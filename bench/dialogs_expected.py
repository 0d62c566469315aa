"""What a recorded dialog's shop says was ordered: its requests, and its own reading back of the order.

The records are people's work, so that one thing is spelled in several ways ("vanilla-sweetner-696"): what is
compared is brought to one spelling first.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Recorded = dict[str, Any]

_KINDS: Final = {"api_call": "call", "api_response": "call", "request": "request", "response": "response"}


@dataclass(frozen=True)
class OrderedItem:
    """One drink of an order, in one spelling.

    Args:
        drink: Its name.
        quantity: How many.
        options: Of milk, shots, caffeine, ice.
        addons: What is added.
        notes: What else was said of it.
    """

    drink: str
    quantity: int = 1
    options: frozenset[str] = frozenset()
    addons: frozenset[str] = frozenset()
    notes: str = ""


@dataclass
class RecordedOrder:
    """An order as the record has it.

    Args:
        items: Its drinks.
        order_type: "here", "togo" or "delivery".
        finished: Whether it was sent to the bar.
    """

    items: list[OrderedItem] = field(default_factory=list)
    order_type: str = "here"
    finished: bool = False


def plain(text: object) -> str:
    """One spelling: no capitals, signs, white space, and no number at an id's end."""
    words = re.sub(r"[-_ ]*\d{2,}$", "", str(text).strip().lower())
    words = re.sub(r"[^a-z0-9%]+", " ", words).strip()
    for odd, usual in _SPELLINGS:
        words = re.sub(odd, usual, words)
    return words.strip()


_SPELLINGS: Final = (
    (r"\bdobule\b", "double"),
    (r"\bamercano\b", "americano"),
    (r"\bearl gray\b", "earl grey"),
    (r"\b(?:hazlenut|hazelwood)\b", "hazelnut"),
    (r"\bsf\b", "sugar free"),
    (r" (?:sweetener|sweetner|sweetened|syrup|sauce)\b", ""),
    (r"\bchocolatesauce\b", "chocolate"),
    (r"\bcaramelsauce\b", "caramel"),
    (r"\bto go\b", "togo"),
    (r"\bskim millk milk\b", "non fat milk"),
    (r" tea$", ""),
)


def expected_order(dialog: Recorded) -> RecordedOrder:
    """The order that a dialog's shop had at the end.

    Args:
        dialog: A line of the file.
    """
    order = RecordedOrder()
    recording = _Recording()
    for tool, kind, value in _said(dialog):
        handle = _HEARD.get((tool, kind))
        if handle is not None:
            handle(recording, value)
        if (tool, kind) in (("get_order_details", "response"), ("update_order", "request")):
            _whole(order, value)
        order.finished = order.finished or tool == "finish_order"
    order.items = recording.ordered()
    return order


class _Recording:
    """A dialog's calls, as they were made."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._items: dict[str, dict[str, Any]] = {}
        self._details: list[dict[str, Any]] = []
        self._waiting: list[dict[str, Any]] = []

    def found(self, value: dict[str, Any]) -> None:
        self._names |= {
            str(one.get("menu_item_id")): str(one.get("name")) for one in _list(value, "menu_items")
        }

    def asked_for(self, value: dict[str, Any]) -> None:
        self._waiting.append(dict(value))

    def added(self, value: dict[str, Any]) -> None:
        if self._waiting:
            self._items[str(value.get("order_item_id"))] = self._waiting.pop()

    def changed(self, value: dict[str, Any]) -> None:
        _update(self._items, value)

    def read_back(self, value: dict[str, Any]) -> None:
        self._details = _list(value, "menu_items") or self._details

    def ordered(self) -> list[OrderedItem]:
        called = {str(one.get("order_item_id")): str(one.get("menu_item_name", "")) for one in self._details}
        unanswered = {f"unanswered-{place}": one for place, one in enumerate(self._waiting)}
        items = []
        for key, item in (self._items | unanswered).items():
            named = str(item.get("menu_item_id"))
            known = (called.get(key, ""), self._names.get(named, ""), named)
            # A few records have a placeholder of the tool that they were made with: "var_drink".
            name = next(one for one in known if one and not one.startswith("$") and "drink" not in one)
            items.append(_item(name, item))
        return items


_HEARD: Final[dict[tuple[str, str], Callable[[_Recording, dict[str, Any]], None]]] = {
    ("get_menu_items", "response"): _Recording.found,
    ("add_order_item", "request"): _Recording.asked_for,
    ("add_order_item", "response"): _Recording.added,
    ("update_order_item", "request"): _Recording.changed,
    ("get_order_details", "response"): _Recording.read_back,
}


def _said(dialog: Recorded) -> Iterator[tuple[str, str, dict[str, Any]]]:
    tool = ""
    for utterance in dialog["utterances"]:
        for note in utterance["annotations"]:
            kind = _KINDS.get(note["name"])
            if kind == "call":
                tool = note["value"]
            elif kind is not None:
                try:
                    value = json.loads(note["value"])
                except ValueError:
                    continue
                if isinstance(value, dict):
                    yield tool, kind, value


def _list(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = value.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _update(items: dict[str, dict[str, Any]], change: dict[str, Any]) -> None:
    item = items.get(str(change.get("order_item_id"))) or next(reversed(items.values()), None)
    if item is None:
        return
    for key in ("attributes", "addons"):
        named = "attribute_id" if key == "attributes" else "addon_id"
        new = {plain(one.get(named)): one for one in _list(change, key)}
        item[key] = [one for one in _list(item, key) if plain(one.get(named)) not in new] + list(new.values())
    for key in ("notes", "quantity"):
        if change.get(key):
            item[key] = change[key]


def _whole(order: RecordedOrder, value: dict[str, Any]) -> None:
    for one in _list(value, "attributes"):
        if plain(one.get("attribute_id")) == "order type":
            order.order_type = plain(one.get("option"))


def _item(name: str, item: dict[str, Any]) -> OrderedItem:
    quantity = str(item.get("quantity") or 1)
    options = frozenset(plain(one.get("option")) for one in _list(item, "attributes"))
    addons = [plain(one.get("addon_id")) for one in _list(item, "addons") if plain(one.get("option")) != "no"]
    notes = str(item.get("notes") or "")
    return OrderedItem(
        plain(name), int(quantity) if quantity.isdigit() else 1, options, frozenset(addons), notes
    )


def order_of_the_shop(details: dict[str, Any]) -> RecordedOrder:
    """An order of our shop (studies/coffee/tools.py, get_order_details) in the same spelling."""
    order = RecordedOrder(finished=bool(details.get("finished")))
    _whole(order, details)
    order.items = [_item(str(one["menu_item_name"]), one) for one in _list(details, "menu_items")]
    return order


def difference(wanted: RecordedOrder, made: RecordedOrder) -> str | None:
    """In what two orders differ first; None where they are equal.

    Notes are people's own words: they are equal where half of the shorter one's words are in the other.
    """
    if sorted(one.drink for one in _each(wanted.items)) != sorted(one.drink for one in _each(made.items)):
        return "drinks"
    left = _each(made.items)
    reasons: list[str] = []
    for one in sorted(_each(wanted.items), key=lambda item: -len(item.options | item.addons)):
        best = min(
            (other for other in left if other.drink == one.drink), key=lambda other: _distance(one, other)
        )
        left.remove(best)
        reasons += [_first_difference(one, best)] if _first_difference(one, best) else []
    if reasons:
        return reasons[0]
    return "here or to go" if wanted.order_type != made.order_type else None


def _each(items: Sequence[OrderedItem]) -> list[OrderedItem]:
    """Two of one are one and one."""
    return [
        OrderedItem(o.drink, 1, o.options - {"caff", "hot"}, o.addons, o.notes)
        for o in items
        for _ in range(o.quantity)
    ]


def _distance(one: OrderedItem, other: OrderedItem) -> int:
    return len(one.options ^ other.options) + len(one.addons ^ other.addons) + (not _same_notes(one, other))


def _first_difference(one: OrderedItem, other: OrderedItem) -> str:
    if one.options != other.options:
        return "options"
    if one.addons != other.addons:
        return "addons"
    return "" if _same_notes(one, other) else "notes"


def _same_notes(one: OrderedItem, other: OrderedItem) -> bool:
    first, second = set(plain(one.notes).split()), set(plain(other.notes).split())
    fewest = min(len(first), len(second))
    return len(first & second) * 2 >= fewest if fewest else not first and not second
