"""What looks like a secret of anybody's: behind "Bearer", in a header, in an address, a key by its beginning.

Each pattern has a group `secret`. They ask for more than a word: "Bearer authentication is missing" says
something, and stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

# What is no word: it has a digit in it, or a capital after a small letter, or it is long.
_TELLING: Final = r"(?=[^\s'\"]*?(?:[0-9]|[a-z][A-Z])|[^\s'\"]{24})"
_NAMES: Final = (
    r"(?:proxy-)?authorization|(?:x-|openai-|goog-|x-goog-)?api[-_]?key|subscription-key|(?:set-)?cookie"
    r"|(?:access|refresh|id|auth|session)[-_]?token|client[-_]?secret|password|passwd|pwd|secret"
)
_FIELDS: Final = "authorization api-key api_key apikey subscription cookie token secret passw pwd"
# What gateways and databases take a secret under, behind the ? of an address.
_PARAMETERS: Final = "[a-z-]*api[-_]?key|key|[a-z_-]*token|sig|signature|[a-z_-]*secret|password|pwd|code"
_ENDS: Final = r"\s'\"<>&,;)}\]\\"


@dataclass(frozen=True)
class _Pattern:
    """One way of looking like a secret.

    Args:
        hints: One of these stands in small letters in every text that it can be found in.
        pattern: With a group `secret`.
    """

    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _pattern(hints: str, pattern: str) -> _Pattern:
    return _Pattern(tuple(hints.split()), re.compile(pattern))


_PATTERNS: Final = (
    # The header's value as a client or a server quotes it when it refuses it: whatever stands in it.
    _pattern("header", r"(?i:header value):?\s*b?(?P<quote>['\"])(?P<secret>.*?)(?:(?P=quote)|$)"),
    _pattern(
        "bearer basic",
        rf"(?i:\b(?:bearer|basic))(?:\s|\+|%20)+(?P<secret>{_TELLING}[\w.~+/=*%:-]{{6,}})",
    ),
    _pattern("bearer basic", r"(?<=['\"])(?i:bearer|basic)\s+(?P<secret>[^'\"]+)(?=['\"])"),
    # A field of JSON, of a dict, of headers, of an address for PostgreSQL's programs.
    _pattern(
        _FIELDS,
        rf"(?i:(?<![\w-])(?:{_NAMES}))b?['\"]?\s*[:=,]\s*b?(?P<quote>['\"])(?P<secret>[^'\"]+)(?=(?P=quote)|$)",
    ),
    _pattern(
        _FIELDS,
        rf"(?i:(?<![\w-])(?:{_NAMES}))(?:\s+provided)?\s*[:=]\s*(?P<secret>{_TELLING}[^{_ENDS}]{{6,}})",
    ),
    # OpenAI, Anthropic, OpenRouter; then Groq, Google, Hugging Face, Replicate, Perplexity, xAI, NVIDIA,
    # Cerebras, GitHub, Amazon, Google's tokens.
    _pattern("sk-", r"(?<![A-Za-z0-9])(?P<secret>sk-(?=[\w*-]{0,200}[0-9*])[\w*-]{8,})"),
    _pattern(
        "gsk_ aiza hf_ r8_ pplx- xai- nvapi- csk- gho_ ghp_ ghs_ ghu_ github_pat_ akia ya29.",
        r"(?<![A-Za-z0-9])(?P<secret>"
        r"(?:gsk_|AIza|hf_|r8_|pplx-|xai-|nvapi-|csk-|gh[opsu]_|github_pat_|AKIA|ya29\.)[\w-]{16,})",
    ),
    _pattern("eyj", r"(?P<secret>(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)"),
    # The password of an address; "name:password@host" is how one is written in a sentence of ours.
    _pattern("://", r"(?i:[a-z0-9+.-])://[^\s:/@'\"]*:(?!password@)(?P<secret>[^\s@/'\"]+)(?=@)"),
    _pattern(
        "key= token= sig= signature= secret= password= pwd= code=",
        rf"(?i:[?&](?:amp;)?(?:{_PARAMETERS})=)(?P<secret>[^\s&'\"#<>)]+)",
    ),
)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://")
_IN_ADDRESS: Final = re.compile(r"^[a-z][a-z0-9+.-]*://(?P<user>[^:/@]*):(?P<password>.*)@", re.DOTALL)
_ASKED: Final = re.compile(rf"(?i:[?&](?:{_PARAMETERS})=)([^&#]+)")


def telling_spans(text: str, lowered: str) -> Iterator[tuple[int, int]]:
    """Where a text holds what looks like a secret.

    Args:
        text: The text.
        lowered: The same in small letters.
    """
    for one in _PATTERNS:
        if any(hint in lowered for hint in one.hints):
            yield from (found.span("secret") for found in one.pattern.finditer(text))


def is_address(text: str) -> bool:
    """Whether a text begins as an address does."""
    return bool(_SCHEME.match(text))


def passwords_in(address: str) -> Iterator[str]:
    """The passwords and keys of an address, as they are written in it and as they are meant."""
    if not is_address(address):
        return
    written = [found["password"]] if (found := _IN_ADDRESS.match(address)) else []
    for one in (*written, *_ASKED.findall(address)):
        yield from {one, unquote(one)}
