"""Forms: what a page can ask beside plain words, one definition for the chat and for whatever else asks."""

from study.forms.checking import Answered, check
from study.forms.form import Form
from study.forms.item import Condition, Item, ItemKind, Option
from study.forms.shown import shown_form
from study.forms.summary import summary

__all__ = ["Answered", "Condition", "Form", "Item", "ItemKind", "Option", "check", "shown_form", "summary"]
