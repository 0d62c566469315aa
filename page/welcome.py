"""A study's welcome text, from the Markdown of study.yaml to what a browser draws.

HTML in the text is shown as text: a study file comes from a colleague as often as from oneself.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import OptionsDict


def _open_link(
    renderer: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: Mapping[str, Any],
) -> str:
    """Links leave for a tab of their own, so that nobody loses a conversation by reading something."""
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener noreferrer")
    return str(renderer.renderToken(tokens, index, options, env))  # type: ignore[attr-defined]


# "js-default": tables too, no HTML, and links only to addresses that run nothing.
_markdown: Final = MarkdownIt("js-default")
_markdown.add_render_rule("link_open", _open_link)


def whole(text: str) -> str:
    """Render all of it.

    Args:
        text: Markdown.

    Returns:
        HTML that needs no further escaping.
    """
    return str(_markdown.render(text)).strip()


def first_paragraph(text: str) -> str:
    """Render the first paragraph alone: what the form has room for.

    Args:
        text: Markdown.

    Returns:
        HTML without the paragraph's own tags; empty when there is no paragraph.
    """
    tokens = _markdown.parse(text)
    for opening, inside in pairwise(tokens):
        if opening.type == "paragraph_open" and opening.level == 0:
            return str(_markdown.renderInline(inside.content)).strip()
    return ""
