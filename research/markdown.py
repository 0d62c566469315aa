"""An agent's Markdown for a researcher's page: it runs nothing and fetches nothing."""

from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup

from web.markdown import ROOM, Markdown

NO_PICTURE: Final = "picture at another site"
_MARKDOWN: Final = Markdown(ROOM, no_picture=NO_PICTURE)


def reader() -> MarkdownIt:
    """A parser of what an agent writes, for whoever changes its insides."""
    return Markdown(ROOM, no_picture=NO_PICTURE).reader


def draw_markdown(text: str) -> Markup:
    """Draw a text as HTML that needs no further escaping."""
    return _MARKDOWN(text)
