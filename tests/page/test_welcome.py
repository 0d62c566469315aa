"""A welcome text is Markdown; nothing in it runs."""

import pytest

from page.chainlit.welcome import first_paragraph, whole

TEXT = """## Welcome

Write about *whatever* is on your mind,
[or read](https://example.org) first.

- Take your time.
"""


def test_the_whole_text_is_drawn() -> None:
    """Headings, paragraphs and lists, in their order."""
    drawn = whole(TEXT)
    assert (
        drawn.index('<h2 dir="auto">Welcome</h2>')
        < drawn.index("<em>whatever</em>")
        < drawn.index("<li>Take your time.</li>")
    )


def test_the_form_shows_the_first_paragraph_only() -> None:
    """A heading is not a line about the study, and the list would push the field out of sight."""
    drawn = first_paragraph(TEXT)
    assert drawn.startswith("Write about <em>whatever</em> is on your mind,")
    assert "Welcome" not in drawn
    assert "Take" not in drawn


@pytest.mark.parametrize("text", ["", "## Only a heading", "- a list\n- of two", "```\ncode\n```"])
def test_a_text_without_a_paragraph_leaves_the_form_without_one(text: str) -> None:
    """What is not a paragraph is not made into one."""
    assert first_paragraph(text) == ""


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>bold</b> word",
        "[click](javascript:alert(1))",
        "[click](data:text/html,<script>alert(1)</script>)",
        '[click](https://example.org "><script>alert(1)</script>")',
        "![x](javascript:alert(1))",
        "</template><script>alert(1)</script>",
    ],
)
def test_nothing_in_it_runs(attack: str) -> None:
    """HTML is text, and links lead only to addresses that run nothing."""
    for drawn in (whole(attack), first_paragraph(attack)):
        assert "<script" not in drawn
        assert "<b" not in drawn
        assert "<img src=x" not in drawn
        assert "</template" not in drawn
        assert 'href="javascript' not in drawn
        assert 'href="data:' not in drawn
        assert 'src="javascript' not in drawn


def test_a_link_opens_beside_the_conversation() -> None:
    """Following one does not close the page that it stands on."""
    assert '<a href="https://example.org" target="_blank" rel="noopener noreferrer">' in whole(TEXT)
