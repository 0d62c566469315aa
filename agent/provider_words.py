"""What a provider says of an error, whatever the shape: OpenAI's, FastAPI's, a gateway's page of HTML."""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, Final

LONGEST_WORDS: Final = 20_000  # more than anybody keeps: secrets are looked for before the last cut
_LONGEST_PAGE: Final = 200_000  # of a page that is looked through for its words
_DEEPEST: Final = 4
# Where errors say what they are, the first that is there: OpenAI and most others, FastAPI, OAuth, problem
# details (RFC 9457), lists of errors.
_SAYING: Final = ("message", "error", "detail", "msg", "error_description", "title", "reason", "errors")
_SILENT_TAGS: Final = frozenset({"script", "style", "head"})
_HTML: Final = re.compile(r"\s*(<!doctype html|<html|<head|<body|<h1|<p>)", re.IGNORECASE)


def provider_words(body: Any) -> str:
    """Find the words in the body of an error.

    Args:
        body: Parsed JSON, or text: as it came, perhaps cut off.

    Returns:
        One line, at most LONGEST_WORDS; "" when it says nothing.
    """
    return " ".join(_words(body, 0).split())[:LONGEST_WORDS]


def _words(body: Any, depth: int) -> str:
    if body is None or depth > _DEEPEST:
        return ""
    if isinstance(body, str):
        return _text_of_page(body) if _HTML.match(body) else body[:_LONGEST_PAGE]
    if isinstance(body, list):
        return "; ".join(filter(None, (_words(item, depth + 1) for item in body)))
    if isinstance(body, Mapping):
        return _words_of_object(body, depth)
    return str(body)


def _words_of_object(body: Mapping[str, Any], depth: int) -> str:
    said = next((words for name in _SAYING if (words := _words(body.get(name), depth + 1))), "")
    if not said:
        return json.dumps(body, ensure_ascii=False) if body else ""
    if isinstance(place := body.get("loc"), list):
        said = f"{'.'.join(map(str, place))}: {said}"  # FastAPI's: which field is wrong
    metadata = body.get("metadata")
    if isinstance(metadata, Mapping) and (raw := _words(metadata.get("raw"), depth + 1)):
        said = f"{said}: {raw}"  # a router's: what the provider behind it said
    return said


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT_TAGS

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT_TAGS and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _text_of_page(page: str) -> str:
    parser = _Page()
    parser.feed(page[:_LONGEST_PAGE])
    parser.close()
    return " ".join(parser.words)
