"""What is said on the page's socket: each name is Chainlit's, or one of ours that the other side hears."""

import ast
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.house.tree import ROOT
from web.socket_events import FromPage, ToPage

PAGE: Final = ROOT / "public" / "page"
# Calls whose first text is the name of an event (page/, stages/).
SENDS: Final = frozenset({"emit", "_emit", "tell", "tell_page", "tell_next"})


def named_in_page(*calls: str) -> set[str]:
    """The events that modules of public/page name in these calls."""
    pattern = re.compile(rf"\b(?:{'|'.join(calls)})\(\s*\"(\w+)\"")
    return {name for path in PAGE.rglob("*.js") for name in pattern.findall(path.read_text("utf-8"))}


def named_by_chainlit(*modules: str) -> set[str]:
    """Every text that these modules of Chainlit hold as a literal; the events are among them."""
    spec = find_spec("chainlit")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    return set().union(*(re.findall(r"\"(\w+)\"", (folder / name).read_text("utf-8")) for name in modules))


def sources() -> dict[Path, ast.Module]:
    """What may send an event: page/ and stages/."""
    paths = [path for folder in ("page", "stages") for path in (ROOT / folder).rglob("*.py")]
    return {path: ast.parse(path.read_text("utf-8")) for path in paths}


def sent_as_text() -> set[str]:
    """The events that Python sends by a name of its own."""
    found = set()
    for module in sources().values():
        for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
            if name in SENDS and texts and isinstance(texts[0], str):
                found.add(texts[0])
    return found


def sent_as_ours() -> set[str]:
    """The members of ToPage that Python names."""
    return {
        node.attr
        for module in sources().values()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ToPage"
    }


def test_each_event_of_ours_is_heard_by_the_page() -> None:
    """A name that no module of public/page hears is seen here."""
    assert {*ToPage} <= named_in_page("onArrive")


def test_the_page_hears_no_event_that_nobody_sends() -> None:
    """Each is one of ours, or Chainlit's."""
    assert named_in_page("onArrive", "receive") <= {*ToPage} | named_by_chainlit("emitter.py", "socket.py")


def test_each_event_of_ours_is_sent_by_its_member() -> None:
    """None is only a name, and none is sent as a text that the page would have to be searched for."""
    assert sent_as_ours() == set(ToPage.__members__)
    assert sent_as_text() <= named_by_chainlit("emitter.py", "socket.py")
    assert not sent_as_text() & {*ToPage}


def test_the_page_sends_what_somebody_hears() -> None:
    """Each event is Chainlit's, or one of ours; each of ours is sent."""
    sent = named_in_page("emit", "onLeave", "onLate")
    assert {*FromPage} <= sent
    assert sent <= {*FromPage} | named_by_chainlit("socket.py")
