"""Code in colours: Pygments reads it, highlight.js's names are put on it, for which the chat has colours."""

import html
import re
from typing import Final

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String, Token, _TokenType
from pygments.util import ClassNotFound

# Longer code stays as it is: colours are not worth a second of somebody's waiting.
LONGEST: Final = 20_000
_NAME: Final = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")

# The first that a token belongs to.
_CLASSES: Final[tuple[tuple[_TokenType, str], ...]] = (
    (Comment, "comment"),
    (Keyword.Constant, "literal"),
    (Keyword.Type, "type"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Name.Function, "title"),
    (Name.Class, "title"),
    (Name.Builtin, "built_in"),
    (Name.Decorator, "meta"),
    (Name.Tag, "name"),
    (Name.Attribute, "attr"),
    (Name.Variable, "variable"),
    (String, "string"),
    (Number, "number"),
    (Literal, "literal"),
    (Token.Generic.Inserted, "addition"),
    (Token.Generic.Deleted, "deletion"),
    (Token.Generic.Heading, "section"),
)


def in_colours(code: str, language: str) -> str | None:
    """Write code as HTML.

    Args:
        language: As a fence names it.

    Returns:
        Escaped text in <span class="hljs-...">; None for a language that is not known, or for long code.
    """
    if len(code) > LONGEST or not _NAME.fullmatch(language):
        return None
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    # A lexer reads any line end as "\n"; whoever copies code does not miss the others.
    return "".join(_span(kind, text) for kind, text in lexer.get_tokens(code))


def _span(kind: _TokenType, text: str) -> str:
    escaped = html.escape(text)
    for parent, name in _CLASSES:
        if kind in parent:
            return f'<span class="hljs-{name}">{escaped}</span>'
    return escaped
