"""An agent's Markdown for a researcher's page: it runs nothing and fetches nothing."""

import html
import re
from collections.abc import Sequence
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_LINK: Final = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
NO_PICTURE: Final = "picture at another site"


def _image(tokens: Sequence[Token], index: int, *_: Any) -> str:
    return f'<span class="no-picture">{html.escape(tokens[index].content)} ({NO_PICTURE})</span>'


def reader() -> MarkdownIt:
    """A parser of what an agent writes."""
    # "js-default": tables too, no HTML.
    made = MarkdownIt("js-default")
    made.validateLink = lambda url: bool(_LINK.match(url))  # type: ignore[method-assign]
    made.renderer.rules["image"] = _image  # type: ignore[attr-defined]
    return made


_READER: Final = reader()


def drawn(text: str) -> Markup:
    """Draw a text as HTML that needs no further escaping."""
    tokens = _READER.parse(text)
    for token in tokens:
        for one in [token, *(token.children or ())]:
            if one.type == "link_open":
                one.attrSet("rel", "noopener noreferrer nofollow ugc")
                one.attrSet("target", "_blank")
            one.attrs.pop("style", None)  # the page's policy refuses style attributes
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))  # noqa: S704  # made above
