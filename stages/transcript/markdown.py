"""An agent's Markdown with the looks of the chat, or of paper; web/markdown.py sees that it runs nothing."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from markdown_it.token import Token
from markupsafe import Markup

from stages.transcript.code import in_colours
from web import markdown as drawing

# An address in the middle of a sentence, without the full stop or bracket that follows it. linkify-it-py
# would take such a bracket for the address's own, and make links of //addresses and of other schemes.
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


class TranscriptMarkdown:
    """Draws Markdown.

    Args:
        like_chat: With the elements and classes of Chainlit's page; else with plain elements.
        no_picture: The sentence that stands in place of a picture at another site.
    """

    def __init__(self, *, like_chat: bool, no_picture: str) -> None:
        self._looks = _CHAT if like_chat else {}
        rules: dict[str, Callable[..., str]] = {"fence": self._fence, "code_block": self._fence}
        if like_chat:
            rules["table_open"] = self._table
            rules["table_close"] = lambda *_: "</table></div></div>"
            rules["hr"] = lambda *_: '<div class="shrink-0 bg-border h-[1px] w-full" role="none"></div>'
            rules["code_inline"] = self._inline_code
        self._draw = drawing.Markdown(
            drawing.TRANSCRIPT, no_picture=no_picture, rules=rules, dress=self._dress
        )

    def __call__(self, text: str) -> Markup:
        """Draw a text.

        Returns:
            HTML that needs no further escaping.
        """
        return self._draw(text)

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

    def _fence(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        token = tokens[index]
        language = (token.info or "").strip().partition(" ")[0]
        coloured = in_colours(token.content, language)
        written = html.escape(token.content) if coloured is None else coloured
        if not self._looks:
            return f'<pre class="hljs" dir="ltr"><code>{written}</code></pre>'
        return (
            f'<div class="relative my-2 {_CARD}">'
            '<div class="space-y-1.5 p-6 flex flex-row items-center justify-between py-1 px-4">'
            f'<span class="text-sm text-muted-foreground">{html.escape(language)}</span>'
            '<button type="button" class="own-icon-button" data-copy="code"></button></div>'
            '<div class="p-0"><pre class="m-0" dir="ltr">'
            f'<code class="font-mono text-sm rounded-b-md block hljs">{written}</code></pre></div></div>'
        )

    def _inline_code(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return f'<code class="{_CHAT["code"][1]}" dir="ltr">{html.escape(tokens[index].content)}</code>'

    def _table(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return (
            f'<div class="[&:not(:first-child)]:mt-2 [&:not(:last-child)]:mb-2 {_CARD}">'
            '<div class="relative w-full overflow-auto">'
            f'<table class="{tokens[index].attrGet("class")}" dir="auto">'
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
