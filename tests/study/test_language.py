"""The language of an answer: the study's, or the one chosen in the menu, or the browser's."""

import pytest

from study.language import language_for


@pytest.mark.parametrize(
    ("headers", "fixed", "told", "language"),
    [
        ({"accept-language": "de"}, None, "", "de"),
        ({"accept-language": "de", "cookie": "a=b; verbatim_language=es"}, None, "", "es"),
        ({"accept-language": "de", "cookie": "verbatim_language=zh-Hans"}, None, "", "zh-Hans"),
        ({"accept-language": "de", "cookie": "verbatim_language=fr"}, None, "", "de"),
        ({"accept-language": "de", "cookie": "verbatim_language="}, None, "", "de"),
        ({"cookie": "verbatim_language=es"}, "de", "", "de"),
        ({}, None, "es-MX", "es"),
        ({"accept-language": "de"}, None, "es", "de"),
        ({}, None, "", "en"),
    ],
)
def test_what_was_chosen_comes_before_what_the_browser_wants(
    headers: dict[str, str], fixed: str | None, told: str, language: str
) -> None:
    """And after the study's own; a choice that is none of ours is none."""
    assert language_for(headers, fixed, told=told) == language
