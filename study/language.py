"""The language that a browser is spoken to in: the study's, or the one chosen in its menu, or its own."""

import re
from collections.abc import Mapping
from typing import Final

from study.strings import LANGUAGES, language_of

# Set by public/page/sidebar/languages.js; it holds one of LANGUAGES and says nothing of anybody.
_CHOSEN: Final = re.compile(r"(?:^|;)\s*verbatim_language=([A-Za-z-]*)\s*(?:;|$)")


def language_for(headers: Mapping[str, str], fixed: str | None = None, *, told: str = "") -> str:
    """Choose the language of an answer.

    Args:
        headers: Of the request, or of the one that became a WebSocket; names in lower case.
        fixed: The study's own language; it decides where there is one.
        told: What the page says of its browser, which names no languages in its headers.

    Returns:
        One of LANGUAGES.
    """
    chosen = _CHOSEN.search(headers.get("cookie", ""))
    if chosen and chosen[1] in LANGUAGES:
        return language_of(chosen[1], fixed)
    return language_of(headers.get("accept-language", "") or told, fixed)
