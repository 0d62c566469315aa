"""An agent's Markdown as HTML that runs nothing and fetches nothing.

HTML in the text is text; a link leads to the web or to a mailbox, or it is text; a picture at another site
would tell that site who reads: a sentence stands in its place (public/style.css has the same rule).
"""

import html
import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from page.transcript.code import in_colours

_LINK: Final = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
# A study's own pictures.
_OWN_PICTURE: Final = re.compile(r"/public/(?!.*\.\.)[A-Za-z0-9_./-]+\.(?:png|jpe?g|gif|webp|svg)")

# An address in the middle of a sentence, without the full stop or bracket that follows it.
_BARE: Final = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?()\[\]*_]", re.IGNORECASE)
_TO_THE_RIGHT: Final = ("text-align:right",)

# Tag and classes that Chainlit's page gives (frontend/src/components/Markdown.tsx), so that the same sheets
# draw both.
_CHAT: Final[Mapping[str, tuple[str, str]]] = {
    "p": ("div", "leading-7 [&:not(:first-child)]:mt-4 whitespace-pre-wrap break-words"),
    "em": ("span", "italic"),
    "strong": ("span", "font-bold"),
    "ul": ("ul", "my-3 ml-3 list-disc pl-2 [&>li]:mt-1"),
    "ol": ("ol", "my-3 ml-3 list-decimal pl-2 [&>li]:mt-1"),
    "h1": ("h1", "scroll-m-20 text-4xl font-extrabold tracking-tight lg:text-5xl mt-8 first:mt-0"),
    "h2": ("h2", "scroll-m-20 border-b pb-2 text-3xl font-semibold tracking-tight mt-8 first:mt-0"),
    "h3": ("h3", "scroll-m-20 text-2xl font-semibold tracking-tight mt-6 first:mt-0"),
    "h4": ("h4", "scroll-m-20 text-xl font-semibold tracking-tight mt-6 first:mt-0"),
    "blockquote": ("blockquote", "mt-6 border-l-2 pl-6 italic"),
    "a": ("a", "text-primary hover:underline"),
    "code": ("code", "relative rounded bg-muted px-[0.3rem] py-[0.2rem] font-mono text-sm font-semibold"),
    "table": ("table", "w-full caption-bottom text-sm"),
    "thead": ("thead", "[&_tr]:border-b"),
    "tbody": ("tbody", "[&_tr:last-child]:border-0"),
    "tr": ("tr", "border-b transition-colors hover:bg-muted/50"),
    "th": ("th", "h-12 px-4 text-left align-middle font-medium text-muted-foreground"),
    "td": ("td", "p-4 align-middle"),
}
_CARD: Final = "rounded-lg border bg-card text-card-foreground shadow-sm"


class Markdown:
    """Draws Markdown.

    Args:
        like_chat: With the elements and classes of Chainlit's page; else with plain elements.
        no_picture: The sentence that stands in place of a picture at another site.
    """

    def __init__(self, *, like_chat: bool, no_picture: str) -> None:
        self._looks = _CHAT if like_chat else {}
        self._no_picture = no_picture
        # "js-default": tables too, no HTML.
        self._reader = MarkdownIt("js-default")
        self._reader.validateLink = lambda url: True  # type: ignore[method-assign]  # every link is seen below
        draw = self._reader.renderer.rules  # type: ignore[attr-defined]
        draw |= {"image": self._image, "link_open": self._link, "fence": self._fence}
        draw |= {"code_block": self._fence, "link_close": self._link_end}
        if like_chat:
            draw["table_open"] = self._table
            draw["table_close"] = lambda *_: "</table></div></div>"
            draw["hr"] = lambda *_: '<div class="shrink-0 bg-border h-[1px] w-full" role="none"></div>'
            draw["code_inline"] = self._inline_code

    def __call__(self, text: str) -> str:
        """Draw a text.

        Returns:
            HTML that needs no further escaping.
        """
        env: MutableMapping[str, Any] = {}
        tokens = self._reader.parse(text, env)
        self._dress(tokens)
        return str(self._reader.renderer.render(tokens, self._reader.options, env)).strip()

    def _dress(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.children:
                token.children = _with_bare_links(token.children)
                self._dress(token.children)
            if token.attrs.pop("style", None) in _TO_THE_RIGHT:
                token.attrSet("align", "right")  # a sheet's policy refuses style attributes
            look = self._looks.get(token.tag) if token.type.endswith(("_open", "_close")) else None
            if look is None:
                continue
            if token.nesting == 1:
                token.attrSet("class", look[1])
                if token.tag == "p":
                    token.attrSet("role", "article")
            token.tag = look[0]

    def _link(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        address = str(tokens[index].attrGet("href") or "")
        if not _LINK.match(address):
            return "<span>"
        look = f' class="{_CHAT["a"][1]}"' if self._looks else ""
        # Links leave for a tab of their own, and do not say where their reader comes from.
        return (
            f'<a href="{html.escape(address)}"{look} target="_blank" rel="noopener noreferrer nofollow ugc">'
        )

    def _link_end(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        level = 1
        for token in reversed(tokens[:index]):
            level += {"link_close": 1, "link_open": -1}.get(token.type, 0)
            if level == 0:
                return "</a>" if _LINK.match(str(token.attrGet("href") or "")) else "</span>"
        return ""

    def _image(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        address, words = str(tokens[index].attrGet("src") or ""), html.escape(tokens[index].content)
        if _OWN_PICTURE.fullmatch(address):
            return f'<img src="{html.escape(address)}" alt="{words}" loading="lazy">'
        return f'<span class="no-picture">{words} ({html.escape(self._no_picture)})</span>'

    def _fence(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        token = tokens[index]
        language = (token.info or "").strip().partition(" ")[0]
        coloured = in_colours(token.content, language)
        drawn = html.escape(token.content) if coloured is None else coloured
        if not self._looks:
            return f'<pre class="hljs"><code>{drawn}</code></pre>'
        return (
            f'<div class="relative my-2 {_CARD}">'
            '<div class="space-y-1.5 p-6 flex flex-row items-center justify-between py-1 px-4">'
            f'<span class="text-sm text-muted-foreground">{html.escape(language)}</span>'
            '<button type="button" class="own-icon-button" data-copy="code"></button></div>'
            '<div class="p-0"><pre class="m-0">'
            f'<code class="font-mono text-sm rounded-b-md block hljs">{drawn}</code></pre></div></div>'
        )

    def _inline_code(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return f'<code class="{_CHAT["code"][1]}">{html.escape(tokens[index].content)}</code>'

    def _table(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return (
            f'<div class="[&:not(:first-child)]:mt-2 [&:not(:last-child)]:mb-2 {_CARD}">'
            f'<div class="relative w-full overflow-auto"><table class="{tokens[index].attrGet("class")}">'
        )


def _with_bare_links(tokens: Sequence[Token]) -> list[Token]:
    """Make links of the addresses that stand in a text as such, as the chat does."""
    made: list[Token] = []
    inside = 0
    for token in tokens:
        inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        at = 0
        for found in _BARE.finditer(token.content) if token.type == "text" and not inside else ():
            address = Token("link_open", "a", 1, attrs={"href": found[0]})
            made += [_text(token.content[at : found.start()]), address, _text(found[0])]
            made.append(Token("link_close", "a", -1))
            at = found.end()
        made.append(_text(token.content[at:]) if at else token)
    return made


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)
