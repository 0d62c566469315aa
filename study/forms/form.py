"""A form: its items in their order, page by page."""

from typing import Final

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.forms.expected import check_expected, check_reachable
from study.forms.item import Item, ItemKind
from study.forms.texts import LocalText
from study.parts import StudyPart

FORM_ID: Final = r"^[a-z][a-z0-9_-]{0,39}$"
MOST_ITEMS: Final = 100


class Form(StudyPart):
    """What is asked at once, on one page or several.

    As a study writes it, its texts may be in several languages and its order may yet be shuffled; as it is
    shown (shown_form), it is in one language and one order.
    """

    id: str = Field(
        pattern=FORM_ID, description="Its short name in every table; never change it.", examples=["order"]
    )
    title: LocalText | None = Field(None, description="What stands above it.", examples=["Your order"])
    items: tuple[Item, ...] = Field(
        max_length=MOST_ITEMS,
        description="What it asks, in order.",
        examples=[[{"id": "milk", "kind": "choice", "label": "Which milk?", "options": ["Oat", "Soy"]}]],
    )
    send: LocalText | None = Field(
        None, description='What stands on its last button; "Send" when left out.', examples=["Order"]
    )
    shuffle: bool = Field(
        False,
        description="Whether the items of a page come in another order for each; those with conditions, and "
        "those that conditions look at, keep their places.",
        examples=[True],
    )
    language: str | None = Field(None, description="Set where it is shown: what it is written in.")
    seed: str | None = Field(None, description="Set where it is shown: what its order was drawn with.")

    @field_validator("items", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _holds_together(self) -> "Form":
        if not any(item.is_asked for item in self.items):
            raise PydanticCustomError("form_items", "needs at least one item that asks something")
        ids: list[str] = []
        for item in self.items:
            if item.required == "ask_once" and not self.reminds:
                message = "{id} is to be asked once, which surveys can and other forms cannot"
                raise PydanticCustomError("form_once", message, {"id": item.id})
            if item.id in ids:
                raise PydanticCustomError("form_items", "two of its items have the id {id}", {"id": item.id})
            for asked, expected in item.show_if.looks_for if item.show_if else ():
                if not self.looks_back(asked):
                    self._check_earlier(item, asked, ids)
                    check_expected(self.item(asked), expected)
            for asked, bound in item.show_if.bounds if item.show_if else ():
                if not self.looks_back(asked):
                    check_reachable(self.item(asked), bound)
            ids.append(item.id)
        written = {f"{item.id}_other" for item in self.items if item.other}
        clash = sorted(written.intersection(ids))
        if clash:
            message = "the id {id} is taken by the words of another item's 'other'"
            raise PydanticCustomError("form_items", message, {"id": clash[0]})
        return self

    @property
    def reminds(self) -> bool:
        """Whether an answer that lacks may be reminded of, and left out then."""
        return False

    def looks_back(self, _asked: str) -> bool:
        """Whether a condition looks at what was asked before this form: in a form of its own nothing was."""
        return False

    def _check_earlier(self, item: Item, asked: str, earlier: list[str]) -> None:
        told = {"id": item.id, "asked": asked}
        if asked not in [one.id for one in self.items]:
            message = "the condition of {id} looks at {asked}, which is no item of this form"
            raise PydanticCustomError("form_condition_item", message, told)
        if asked not in earlier:
            message = "the condition of {id} looks at {asked}, which is not asked before it"
            raise PydanticCustomError("form_condition_item", message, told)
        if self.item(asked).kind in {ItemKind.NOTE, ItemKind.FILE, ItemKind.RANKING}:
            message = "the condition of {id} looks at {asked}, whose answer cannot be compared"
            raise PydanticCustomError("form_condition_item", message, told)

    def item(self, item_id: str) -> Item:
        """The item with an id.

        Raises:
            KeyError: There is none.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    @property
    def asked(self) -> tuple[Item, ...]:
        """Its items that there is an answer to."""
        return tuple(item for item in self.items if item.is_asked)

    @property
    def is_buttons(self) -> bool:
        """Whether one press answers all of it."""
        return len(self.items) == 1 and self.items[0].display == "buttons" and not self.items[0].other
