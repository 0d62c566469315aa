"""Markdown on our own pages: one parser, and what it may draw of a text, by whose text it is.

In no profile HTML is more than text, and a link leads to what could run something. Formulas, tables and the
directions of writing are the same in all.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from web.addresses import below_path
from web.formulas import formulas

# What stands alone says in its first letter which way it is written; what stands in these goes with them.
_WITHIN: Final = frozenset({"bullet_list_open", "ordered_list_open", "blockquote_open", "table_open"})
_ALONE: Final = frozenset({"paragraph_open", "heading_open"})
_CODE: Final = frozenset({"code_inline", "code_block", "fence"})

_AWAY: Final = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
# A study's own pictures.
_OWN_PICTURE: Final = re.compile(r"/public/(?!.*\.\.)[A-Za-z0-9_./-]+\.(?:png|jpe?g|gif|webp|svg)")
# In a tab of its own, so that nobody loses a conversation by reading something.
_BESIDE: Final = "noopener noreferrer"
_BESIDE_OF_OTHERS: Final = f"{_BESIDE} nofollow ugc"


@dataclass(frozen=True)
class Profile:
    """Whose text it is, and where it is drawn.

    Args:
        rel: Of its links.
        is_trusted: Links may lead to our own pages, pictures be what they are: the page's policy fetches none
            from elsewhere. Else links lead to the web or to a mailbox, and a picture at another site, which
            would tell that site who reads, is a sentence.
        keeps_words: Of a link that leads nowhere, the words; else it stays as it was written.
        has_own_pictures: Those of the public folder are drawn.
        has_styles: Its page's policy takes style attributes.
    """

    rel: str
    is_trusted: bool = False
    keeps_words: bool = False
    has_own_pictures: bool = False
    has_styles: bool = False


# A welcome text of study.yaml. It comes from a colleague as often as from oneself.
STUDY: Final = Profile(_BESIDE, is_trusted=True, has_styles=True)
# What an agent says, as Chainlit's page has it (public/style.css has the same rule for pictures).
TRANSCRIPT: Final = Profile(_BESIDE_OF_OTHERS, keeps_words=True, has_own_pictures=True)
# The same before researchers, who see what was written.
ROOM: Final = Profile(_BESIDE_OF_OTHERS)

Dress = Callable[[Sequence[Token]], None]


class Markdown:
    """Draws Markdown.

    Args:
        profile: Whose text it is.
        no_picture: The sentence that stands in place of a picture at another site.
        rules: Draw kinds of tokens in their own way (`MarkdownIt.renderer.rules`).
        dress: Changes the tokens of a text before they are drawn; links that it adds are looked at too.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        no_picture: str = "",
        rules: Mapping[str, Callable[..., str]] | None = None,
        dress: Dress | None = None,
    ) -> None:
        self._profile = profile
        self._no_picture = html.escape(no_picture)
        self._dress = dress
        self.reader: Final = reader()
        if profile.keeps_words:
            self.reader.validateLink = lambda url: True  # type: ignore[method-assign]  # all are seen below
        elif not profile.is_trusted:
            self.reader.validateLink = lambda url: bool(_AWAY.match(url))  # type: ignore[method-assign]
        draw = self.reader.renderer.rules  # type: ignore[attr-defined]
        if not profile.is_trusted:
            draw["image"] = self._image
        draw |= rules or {}

    def __call__(self, text: str) -> Markup:
        """Draw a text.

        Returns:
            HTML that needs no further escaping.
        """
        return self._drawn(self.reader.parse(text))

    def first_paragraph(self, text: str) -> Markup:
        """Draw the first paragraph alone, without its own tags; nothing where there is none."""
        for opening, inside in zip(tokens := self.reader.parse(text), tokens[1:], strict=False):
            if opening.type == "paragraph_open" and opening.level == 0:
                return self._drawn(self.reader.parseInline(inside.content))
        return Markup("")

    def _drawn(self, tokens: list[Token]) -> Markup:
        direct(tokens)
        if self._dress is not None:
            self._dress(tokens)
        self._lead_away(tokens)
        for token in _all_of(tokens):
            if not self._profile.has_styles:
                token.attrs.pop("style", None)  # the page's policy refuses style attributes
        made = self.reader.renderer.render(tokens, self.reader.options, {})
        return Markup(str(made).strip())  # noqa: S704  # HTML is escaped, links and pictures are seen to

    def _lead_away(self, tokens: Sequence[Token]) -> None:
        open_links: list[Token] = []
        for token in _all_of(tokens):
            if token.type == "link_open":
                open_links.append(token)
                if self._profile.keeps_words and not _AWAY.match(str(token.attrGet("href") or "")):
                    token.tag, token.attrs = "span", {}
                else:
                    token.attrSet("target", "_blank")
                    token.attrSet("rel", self._profile.rel)
            elif token.type == "link_close" and open_links:
                token.tag = open_links.pop().tag

    def _image(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        address, words = str(tokens[index].attrGet("src") or ""), html.escape(tokens[index].content)
        if self._profile.has_own_pictures and _OWN_PICTURE.fullmatch(address):
            return f'<img src="{html.escape(below_path(address))}" alt="{words}" loading="lazy">'
        return f'<span class="no-picture">{words} ({self._no_picture})</span>'


def reader() -> MarkdownIt:
    """A reader of what an agent or a study writes."""
    # "js-default": tables too, no HTML.
    made = MarkdownIt("js-default")
    formulas(made)
    return made


def direct(tokens: Sequence[Token]) -> None:
    """Let each block begin where its own writing begins, and code at the left (public/page/direction.js).

    Args:
        tokens: Of a whole text; they get `dir` attributes.
    """
    depth = 0
    for token in tokens:
        within = token.type in _WITHIN or token.type.replace("_close", "_open") in _WITHIN
        if (token.type in _ALONE and depth == 0) or token.type in _WITHIN:
            token.attrSet("dir", "auto")
        depth += token.nesting if within else 0
        for one in (token, *(token.children or ())):
            if one.type in _CODE:
                one.attrSet("dir", "ltr")


def _all_of(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()
