"""Each kind of stage is whole: what runs it, what draws it, what explains and checks it."""

from pathlib import Path
from typing import get_args

import pytest

from page.protocol.pages import TEMPLATES
from stages.protocol.registry import HANDLERS
from study.complaints import PARTS
from study.protocol.machine import JUDGES
from study.protocol.stages import StageDefinition, StageKind

DEFINITIONS = {
    get_args(one.model_fields["kind"].annotation)[0]: one for one in get_args(get_args(StageDefinition)[0])
}
# The chat is Chainlit's page.
DRAWN = [kind for kind in StageKind if kind is not StageKind.CHAT]


@pytest.mark.parametrize("kind", StageKind)
def test_each_kind_is_run(kind: StageKind) -> None:
    """It has a definition, a handler, and a move that leads on from it."""
    assert kind in HANDLERS
    assert any(judged is DEFINITIONS[kind] for judged, _, _ in JUDGES)


@pytest.mark.parametrize("kind", DRAWN)
def test_each_kind_is_drawn(kind: StageKind) -> None:
    """It has a template."""
    assert (Path("page/protocol/templates") / TEMPLATES[kind]).is_file()


@pytest.mark.parametrize("kind", StageKind)
def test_each_kind_is_explained_and_checked(kind: StageKind) -> None:
    """`check` knows its keys, and the reference has a section with them."""
    assert PARTS[kind] is DEFINITIONS[kind]
    page = "surveys.md" if kind is StageKind.SURVEY else "protocol.md"
    assert f'table("{kind}")' in Path("docs/reference", page).read_text(encoding="utf-8")
