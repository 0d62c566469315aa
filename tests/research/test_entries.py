"""Each kind of entry that a thread is told in has a macro of the page; another stops the page."""

from dataclasses import dataclass
from typing import get_args

import pytest
from jinja2 import nodes

from research.context import make_templates
from research.thread.entries import Entry, kind_of


@dataclass(frozen=True)
class Intent:
    """A kind of entry that nobody has written a macro for."""

    name: str


def drawn() -> set[str]:
    """The kinds that templates/thread.html has macros for."""
    templates = make_templates()
    assert templates.loader is not None
    page = templates.parse(templates.loader.get_source(templates, "thread.html")[0])
    (told,) = (macro for macro in page.find_all(nodes.Macro) if macro.name == "told")
    (by_kind,) = told.find_all(nodes.Dict)
    return {pair.key.as_const() for pair in by_kind.items}


def test_every_kind_has_its_macro() -> None:
    """A kind that joins the others without a macro is seen here, and one that left takes its own along."""
    assert drawn() == {kind.__name__ for kind in get_args(Entry)}


def test_a_kind_without_a_macro_is_not_drawn_as_another() -> None:
    """Whoever tells a thread in one is told at once."""
    with pytest.raises(LookupError, match="Intent"):
        kind_of(Intent("to leave"))  # type: ignore[arg-type]
