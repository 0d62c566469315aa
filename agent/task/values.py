"""What a text says for a slot that is no choice and no list: one reader a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from agent.task.dates import date_in, time_in
from agent.task.items import number_of
from agent.task.language import Language
from agent.task.patterns import searched, value_in
from agent.task.tokens import Token
from study.task_definition import SlotDefinition
from study.text import beginning

LONGEST_TEXT: Final = 500
LARGEST: Final = 1e15  # beyond it whole numbers are not exact any more, and at last infinite
# Never a part of a longer number: of "1500" not "150".
_AMOUNT: Final = r"(?<![\d.,])(?:\d{1,3}(?:[,.]\d{3})+|\d+)(?:[.,]\d{1,2})?(?!\d)"
_CURRENCIES: Final[Mapping[str, tuple[str, ...]]] = {
    "USD": ("$", "dollar", "dollars", "usd", "bucks"),
    "EUR": ("€", "euro", "euros", "eur"),
    "GBP": ("£", "pound", "pounds", "gbp"),
    "CNY": ("¥", "yuan", "rmb", "cny", "元", "块"),
}
_SIGNS: Final = {sign: code for code, signs in _CURRENCIES.items() for sign in signs}
_UNITS: Final = "|".join(f"\\{sign}" if not sign.isalnum() else sign for sign in _SIGNS)
_BEFORE: Final = rf"(?P<unit>{_UNITS})\s*(?P<amount>{_AMOUNT})"
_AFTER: Final = rf"(?P<amount>{_AMOUNT})\s*(?P<unit>{_UNITS})(?![\p{{L}}])"


@dataclass(frozen=True)
class Heard:
    """A text, and how it is to be understood.

    Args:
        text: As it was said.
        tokens: Its words.
        language: Of the text.
        at: When it was said.
        timezone: Where.
        day_first: Whether 3/4 is the third of April.
        asked: Whether this slot was asked for, so that a bare value is its answer.
    """

    text: str
    tokens: tuple[Token, ...]
    language: Language
    at: datetime | None
    timezone: str
    day_first: bool
    asked: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Its words as they are compared."""
        return tuple(token.key for token in self.tokens if token.key)


def _text(slot: SlotDefinition, said: Heard) -> Any:
    for pattern in slot.patterns:
        match = searched(pattern, said.text)
        if match is not None and (value := value_in(match)):
            return beginning(value, LONGEST_TEXT)
    return beginning(said.text.strip(), LONGEST_TEXT) or None if said.asked else None


def _number(_slot: SlotDefinition, said: Heard) -> Any:
    if not said.asked:
        return None
    match = searched(r"-?\d+(?:[.,]\d+)?", said.text)
    if match is not None:
        number = float(match[0].replace(",", "."))
        if abs(number) > LARGEST:
            return None
        return int(number) if number.is_integer() else number
    return next((n for token in said.tokens if (n := number_of(token, said.language)) is not None), None)


def _quantity(slot: SlotDefinition, said: Heard) -> Any:
    number = _number(slot, said)
    return number if isinstance(number, int) and number > 0 else None


def _money(_slot: SlotDefinition, said: Heard) -> Any:
    for pattern in (_BEFORE, _AFTER):
        match = searched(pattern, said.text)
        if match is not None:
            return _money_of(match["amount"], _SIGNS[match["unit"].casefold()])
    match = searched(_AMOUNT, said.text) if said.asked else None
    return _money_of(match[0], None) if match else None


def _money_of(written: str, currency: str | None) -> Any:
    amount = _amount(written)
    return {"amount": amount, "currency": currency} if amount <= LARGEST else None


def _amount(written: str) -> float:
    """1,234.50 and 1.234,50 alike: the last sign with one or two digits behind it parts the cents."""
    whole, sign, cents = max(
        written.rpartition("."), written.rpartition(","), key=lambda parts: len(parts[0])
    )
    if not sign or len(cents) > 2:
        return float(written.replace(",", "").replace(".", ""))
    return float(f"{whole.replace(',', '').replace('.', '')}.{cents}")


def _date(_slot: SlotDefinition, said: Heard) -> Any:
    return date_in(said.text, said.language.code, said.at, said.timezone, said.day_first)


def _time(_slot: SlotDefinition, said: Heard) -> Any:
    return time_in(said.text, said.language.code, said.at, said.timezone, asked=said.asked)


def _yes_no(_slot: SlotDefinition, said: Heard) -> Any:
    return yes_or_no(said.keys, said.language) if said.asked else None


def yes_or_no(keys: tuple[str, ...], language: Language) -> bool | None:
    """Whether words say yes or no; None where they say neither.

    What comes first decides: "Yes, no problem" is yes, "No, that is not right" is no; "not right" is no.
    """
    yes, no = language.found("agreed", keys), language.found("refused", keys)
    if yes is None or no is None:
        return True if yes else False if no else None
    return yes[0] < no[0]


# Choices are found by agent/task/phrases.py, lists by agent/task/items.py.
READERS: Final[Mapping[str, Callable[[SlotDefinition, Heard], Any]]] = {
    "text": _text,
    "number": _number,
    "quantity": _quantity,
    "money": _money,
    "date": _date,
    "time": _time,
    "yes_no": _yes_no,
}
