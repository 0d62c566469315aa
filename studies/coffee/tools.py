"""The shop: its menu, and the orders of each conversation, kept with the thread that they were made in.

The tools are those of Taskmaster-4's coffee shop, with its arguments and answers (README.md).
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel

from agent.tools import ToolContext, tool

_MENU = Path(__file__).with_name("menu.yaml")
_ORDERS = "orders"
MOST_OF_ONE = 50


class Attribute(BaseModel):
    """One option of an attribute, such as {"attribute_id": "milk-options", "option": "Oat Milk"}."""

    attribute_id: str
    option: str


class Addon(BaseModel):
    """Something that is added, or not, such as {"addon_id": "honey", "option": "ADD"}."""

    addon_id: str
    option: Literal["ADD", "NO"] = "ADD"


@cache
def menu() -> dict[str, Any]:
    """The menu: drinks, attributes, addons and what is said of a whole order."""
    read: dict[str, Any] = yaml.safe_load(_MENU.read_text(encoding="utf-8"))
    return read


@tool(idempotent=True)
async def get_menu_items(query: str) -> dict[str, Any]:
    """Find drinks on the menu by their names.

    Args:
        query: The drink's name, such as "Chai Latte".
    """
    wanted = query.casefold().strip()
    found = [
        {"menu_item_id": key, "name": drink["name"], "about": drink["about"]}
        for key, drink in menu()["drinks"].items()
        if wanted and (wanted in drink["name"].casefold() or drink["name"].casefold() in wanted)
    ]
    return {"menu_items": sorted(found, key=lambda one: abs(len(one["name"]) - len(query)))}


@tool(idempotent=True)
async def get_addons(query: str = "", menu_item_id: str | None = None) -> dict[str, Any]:
    """Find what can be said of a drink or added to it: milk, shots, sweeteners, ice.

    Args:
        query: What is wanted, several parted by OR; left out, all is shown. Such as "Oat Milk OR Double".
        menu_item_id: The drink.
    """
    _drink(menu_item_id) if menu_item_id is not None else None
    wanted = [part.strip().casefold() for part in query.split(" OR ")]
    attributes = [
        {"attribute_id": key, "attribute_name": one["name"], "options": one["options"]}
        for key, one in menu()["attributes"].items()
    ]
    addons = [
        {"addon_id": key, "name": name, "options": ["NO", "ADD"]} for key, name in menu()["addons"].items()
    ]
    found = {
        "attributes": [
            {"attribute_id": one["attribute_id"], "option": option}
            for one in attributes
            for option in one["options"]
            if option.casefold() in wanted
        ],
        "addons": [
            {"addon_id": one["addon_id"], "option": "ADD"}
            for one in addons
            if one["name"].casefold() in wanted
        ],
    }
    return {"attributes": attributes, "addons": addons, "found": found}


@tool(acts=True)
async def add_order_item(
    context: ToolContext,
    menu_item_id: str,
    quantity: int = 1,
    order_id: str | None = None,
    attributes: list[Attribute] | None = None,
    addons: list[Addon] | None = None,
    notes: str | None = None,
) -> dict[str, Any]:
    """Put a drink into an order; without an order, into a new one.

    Args:
        menu_item_id: The drink, as get_menu_items names it.
        quantity: How many.
        order_id: The order; left out, a new one is made.
        attributes: Such as milk and shots, as get_addons names them.
        addons: Such as sweeteners, as get_addons names them.
        notes: What else is to be known about it.
    """
    orders = await _orders(context)
    if order_id is None:
        order_id = str(len(orders) + 1)
        orders[order_id] = {"attributes": {}, "items": {}, "finished": False}
    order = _open_order(orders, order_id)
    made = order["made"] = order.get("made", 0) + 1
    order["items"][str(made)] = _item(menu_item_id, quantity, attributes, addons, notes)
    await context.store.put(_ORDERS, orders)
    return {"order_id": order_id, "order_item_id": str(made)}


@tool(acts=True)
async def update_order_item(
    context: ToolContext,
    order_id: str,
    order_item_id: str,
    menu_item_id: str | None = None,
    quantity: int | None = None,
    attributes: list[Attribute] | None = None,
    addons: list[Addon] | None = None,
    notes: str | None = None,
) -> dict[str, Any]:
    """Change a drink of an order; a quantity of 0 takes it out.

    Args:
        order_id: The order.
        order_item_id: The drink in it, as add_order_item named it.
        menu_item_id: Another drink in its place.
        quantity: How many.
        attributes: All that it shall have.
        addons: All that it shall have.
        notes: What else is to be known about it.
    """
    orders = await _orders(context)
    order = _open_order(orders, order_id)
    if order_item_id not in order["items"]:
        raise ValueError(f"there is no item {order_item_id} in order {order_id}")
    if quantity == 0:
        del order["items"][order_item_id]
    else:
        before = order["items"][order_item_id]
        order["items"][order_item_id] = _item(
            menu_item_id or before["menu_item_id"], quantity or before["quantity"], attributes, addons, notes
        )
    await context.store.put(_ORDERS, orders)
    return {"order_item_id": order_item_id}


@tool(acts=True)
async def update_order(context: ToolContext, order_id: str, attributes: list[Attribute]) -> dict[str, Any]:
    """Say something of the whole order: the name, for here or to go.

    Args:
        order_id: The order.
        attributes: "order-type" with Here, To go or Delivery; "name".
    """
    orders = await _orders(context)
    order = _open_order(orders, order_id)
    for one in attributes:
        known = menu()["order"].get(one.attribute_id)
        if known is None:
            raise ValueError(f"an order has no {one.attribute_id!r}")
        order["attributes"][one.attribute_id] = _option(known.get("options"), one.option)
    await context.store.put(_ORDERS, orders)
    return {"order_id": order_id}


@tool(idempotent=True)
async def get_order_details(context: ToolContext, order_id: str) -> dict[str, Any]:
    """Read an order back.

    Args:
        order_id: The order.
    """
    orders = await _orders(context)
    order = orders.get(order_id)
    if order is None:
        raise ValueError(f"there is no order {order_id}")
    said = {key: order["attributes"].get(key, one.get("default")) for key, one in menu()["order"].items()}
    attributes = [
        {"attribute_id": key, "attribute_name": menu()["order"][key]["name"], "option": option}
        for key, option in said.items()
        if option
    ]
    items = [{"order_item_id": key} | item for key, item in order["items"].items()]
    return {
        "order_id": order_id,
        "attributes": attributes,
        "menu_items": items,
        "finished": order["finished"],
        "summary": _summary(items, said),
    }


@tool(acts=True, completes=True)
async def finish_order(context: ToolContext, order_id: str) -> dict[str, Any]:
    """Send an order to the coffee bar. Ask whether it is right before.

    Args:
        order_id: The order.
    """
    orders = await _orders(context)
    order = _open_order(orders, order_id)
    if not order["items"]:
        raise ValueError(f"there is nothing in order {order_id}")
    order["finished"] = True
    await context.store.put(_ORDERS, orders)
    return {"success": True}


@tool(idempotent=True)
async def show_menu(topic: str | None = None) -> dict[str, Any]:
    """Show the menu, or a part of it.

    Args:
        topic: "coffee", "tea", "herbal tea", "milk", "sweetener", or a drink; left out, all drinks.
    """
    wanted = (topic or "").casefold().strip()
    if wanted in ("milk", "sweetener"):
        addons = list(menu()["addons"].values())
        return {"shown": addons if wanted == "sweetener" else menu()["attributes"]["milk-options"]["options"]}
    drinks = menu()["drinks"].values()
    kinds = [drink["name"] for drink in drinks if not wanted or wanted in drink["kind"]]
    return {"shown": kinds or [drink["name"] for drink in drinks if wanted in drink["name"].casefold()]}


async def _orders(context: ToolContext) -> dict[str, Any]:
    return dict(await context.store.get(_ORDERS) or {})


def _open_order(orders: dict[str, Any], order_id: str) -> dict[str, Any]:
    order: dict[str, Any] | None = orders.get(order_id)
    if order is None:
        raise ValueError(f"there is no order {order_id}")
    if order["finished"]:
        raise ValueError(f"order {order_id} is finished; make a new one")
    return order


def _drink(menu_item_id: str) -> dict[str, Any]:
    drink: dict[str, Any] | None = menu()["drinks"].get(menu_item_id)
    if drink is None:
        raise ValueError(f"there is no {menu_item_id!r} on the menu; ask get_menu_items")
    return drink


def _option(options: Iterable[str] | None, wanted: str) -> str:
    if options is None:
        return wanted
    found = next((one for one in options if one.casefold() == wanted.casefold()), None)
    if found is None:
        raise ValueError(f"{wanted!r} is none of {', '.join(options)}")
    return found


def _item(
    menu_item_id: str,
    quantity: int,
    attributes: list[Attribute] | None,
    addons: list[Addon] | None,
    notes: str | None,
) -> dict[str, Any]:
    if not 1 <= quantity <= MOST_OF_ONE:
        raise ValueError(f"a quantity is 1 to {MOST_OF_ONE}")
    known = menu()["attributes"]
    for one in attributes or ():
        if one.attribute_id not in known:
            raise ValueError(f"there is no attribute {one.attribute_id!r}; ask get_addons")
    for add in addons or ():
        if add.addon_id not in menu()["addons"]:
            raise ValueError(f"there is no addon {add.addon_id!r}; ask get_addons")
    return {
        "menu_item_id": menu_item_id,
        "menu_item_name": _drink(menu_item_id)["name"],
        "quantity": quantity,
        "attributes": [
            {
                "attribute_id": one.attribute_id,
                "option": _option(known[one.attribute_id]["options"], one.option),
            }
            for one in attributes or ()
        ],
        "addons": [one.model_dump() for one in addons or () if one.option == "ADD"],
        "notes": notes,
    }


def _summary(items: list[dict[str, Any]], said: dict[str, str | None]) -> str:
    """An order as it is read to the participant."""
    lines = []
    for item in items:
        options = [one["option"] for one in item["attributes"]]
        options += [menu()["addons"][one["addon_id"]] for one in item["addons"]]
        options += [item["notes"]] if item["notes"] else []
        with_ = f" ({', '.join(options)})" if options else ""
        lines.append(f"{item['quantity']} {item['menu_item_name']}{with_}")
    where = {"Here": "for here", "To go": "to go", "Delivery": "to be delivered"}[
        said["order-type"] or "Here"
    ]
    name = f" for {said['name']}" if said.get("name") else ""
    return f"{', '.join(lines)}, {where}{name}" if lines else "nothing yet"
