"""A study's welcome text, from the Markdown of study.yaml to what a browser draws.

HTML in the text is shown as text: a study file comes from a colleague as often as from oneself.
"""

from typing import Final

from markupsafe import Markup

from web.markdown import STUDY, Markdown

_markdown: Final = Markdown(STUDY)


def whole(text: str) -> Markup:
    """Render all of it.

    Args:
        text: Markdown.

    Returns:
        HTML that needs no further escaping.
    """
    return _markdown(text)


def first_paragraph(text: str) -> Markup:
    """Render the first paragraph alone: what the form has room for.

    Args:
        text: Markdown.

    Returns:
        HTML without the paragraph's own tags; empty when there is no paragraph.
    """
    return _markdown.first_paragraph(text)
