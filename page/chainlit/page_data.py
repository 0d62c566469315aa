"""What the page is told once, in its own HTML: texts in the participant's language, what the study allows."""

import json
from collections.abc import Mapping
from typing import Any, Final

from study.definition import Study
from study.strings import LANGUAGES, strings_in

# "<" would end the data block; the two others end a line in old JavaScript readers.
_ESCAPED: Final = {ord("<"): "\\u003c", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def page_data(definition: Study, language: str) -> Mapping[str, Any]:
    """Gather what public/page/*.js read (base/data.js). Nothing in it is about one participant.

    Args:
        definition: The study's file.
        language: One of study.strings.LANGUAGES.
    """
    attachments = definition.attachments
    return {
        "language": language,
        # What its menu offers: nothing where the study speaks one language.
        "languages": [] if definition.language else list(LANGUAGES),
        "strings": strings_in(language).section("page"),
        "study": {
            "title": definition.title,
            "contact": definition.contact,
            "login": definition.login.mode,
            "ratings": definition.ratings.model_dump(mode="json"),
            "attachments": attachments.model_dump(mode="json") if attachments else None,
            "sharing": definition.sharing.model_dump(mode="json") if definition.sharing else None,
            "message_length": definition.limits.message_length,
            "active_threads": definition.limits.active_threads,
            "warn": definition.limits.warn,
            "has_protocol": definition.protocol is not None,
            "by_meaning": definition.semantic_search is not None and definition.semantic_search.participants,
        },
    }


def data_block(data: Mapping[str, Any]) -> str:
    """Write the data as an element that a browser does not run."""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPED)
    return f'<script type="application/json" id="page-data">{text}</script>'
