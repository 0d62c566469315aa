"""Markdown runs nothing, whoever wrote it and wherever it is drawn."""

from html.parser import HTMLParser

import pytest

from web.markdown import ROOM, STUDY, TRANSCRIPT, Markdown, Profile

PROFILES = {"study": STUDY, "transcript": TRANSCRIPT, "room": ROOM}
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "word <b onclick=alert(1)>bold</b> <svg onload=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](vbscript:x) [click](file:///etc/passwd)",
    "[click](data:text/html,<script>alert(1)</script>)",
    '[click](https://example.org "\\" onmouseover=alert(1) \\"")',
    "[click][x]\n\n[x]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "</template><script>alert(1)</script>",
    "```<img src=x onerror=alert(1)>\n<script>\n```",
    r"\(\href{javascript:alert(1)}{x}\)",
)


class Seen(HTMLParser):
    """What a browser would make of a text."""

    def __init__(self, drawn: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(drawn)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_nothing_runs(profile: Profile, attack: str) -> None:
    """No element that was written as HTML, no handler, no address that a browser would run."""
    draw = Markdown(profile)
    for drawn in (draw(attack), draw.first_paragraph(attack)):
        seen = Seen(drawn)
        assert not {"script", "svg", "b", "template", "iframe"} & set(seen.tags)
        for name, value in seen.attributes:
            assert not name.startswith("on")
            if name in ("href", "src"):
                assert (
                    not (value or "").lower().startswith(("javascript:", "vbscript:", "file:", "data:text"))
                )


@pytest.mark.parametrize("profile", [TRANSCRIPT, ROOM], ids=["transcript", "room"])
def test_nothing_is_fetched_from_elsewhere(profile: Profile) -> None:
    """A picture at another site is a sentence, with the words that it had."""
    drawn = Markdown(profile, no_picture="not <shown>")("![A cat](https://pictures.invalid/cat.png)")
    assert drawn == '<p dir="auto"><span class="no-picture">A cat (not &lt;shown&gt;)</span></p>'


@pytest.mark.parametrize(
    ("profile", "drawn"),
    [
        (STUDY, '<a href="/research" target="_blank" rel="noopener noreferrer">in</a>'),
        (TRANSCRIPT, "<span>in</span>"),
        (ROOM, "[in](/research)"),
    ],
    ids=PROFILES,
)
def test_an_agent_leads_nobody_into_our_own_pages(profile: Profile, drawn: str) -> None:
    """A study may; of an agent the words stay, or before researchers what it wrote."""
    assert Markdown(profile)("[in](/research)") == f'<p dir="auto">{drawn}</p>'


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_link_leaves_in_a_tab_of_its_own(profile: Profile) -> None:
    """And does not say where its reader comes from."""
    attributes = dict(Seen(Markdown(profile)("[out](https://example.org)")).attributes)
    assert attributes["target"] == "_blank"
    assert str(attributes["rel"]).startswith("noopener noreferrer")


def test_links_in_each_other_are_closed_as_they_were_opened() -> None:
    """A reference that leads nowhere around a picture, and a real link behind it."""
    drawn = Markdown(TRANSCRIPT)("[a ![x](y)](z:1) [b](https://example.org)")
    assert drawn.count("<span>") == 1
    assert drawn.count("</span>") == 2
    assert drawn.count("<a ") == drawn.count("</a>") == 1


def test_styles_are_for_pages_whose_policy_takes_them() -> None:
    """A table's columns are set to the right by an attribute that the room and the transcript refuse."""
    table = "| a |\n|--:|\n| 1 |"
    assert "style=" in Markdown(STUDY)(table)
    assert "style=" not in Markdown(ROOM)(table) + Markdown(TRANSCRIPT)(table)
