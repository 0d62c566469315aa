"""Formulas on our own pages: what is one, what is drawn, and what a browser gets of it."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formulas import CASES, Case
from web.markdown import direct, reader
from web.mathml import LONGEST, mathml

READER = reader()
DRAWN = re.compile(r'<math[^>]*>.*?</math>|<code class="formula"[^>]*>.*?</code>', re.DOTALL)


def test_each_case_is_about_something_else() -> None:
    """So that a failure names its case."""
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_our_pages_read_formulas_as_the_table_says(case: Case) -> None:
    """What is a formula, which TeX it is, whether it has lines of its own; each other letter stays."""
    tokens = READER.parse(case.said)
    found = [
        (one.content, one.type == "formula_block")
        for token in tokens
        for one in (token, *(token.children or ()))
        if one.type.startswith("formula")
    ]
    assert tuple(found) == case.formulas
    page = READER.renderer.render(tokens, READER.options, {})
    words = html.unescape(re.sub(r"<[^>]*>", "", DRAWN.sub("□", page)))
    assert "".join(words.split()) == "".join(case.words.split())


ATTACKS = (
    r"\href{javascript:alert(1)}{x}",
    r"\text{<script>alert(1)</script>}",
    r"\text{&lt;img src=x onerror=alert(1)&gt;}",
    r"\class{a}{x} \style{background:url(//pictures.invalid)}{x} \id{page-data}",
    r"\color{red}{x} \includegraphics{https://pictures.invalid/a.png}",
    '"><img src=x onerror=alert(1)>',
)


@pytest.mark.parametrize("tex", ATTACKS)
def test_a_formula_runs_nothing_and_asks_nobody(tex: str) -> None:
    """MathML of known elements, with attributes that say how wide and how high; all else is a text."""
    page = READER.render(rf"\({tex}\)")
    made = re.findall(r"<(\w+)([^>]*)>", page)
    assert {name for name, _ in made} <= {
        "p",
        "math",
        "mrow",
        "mi",
        "mo",
        "mn",
        "mtext",
        "mstyle",
        "mspace",
        "msup",
        "code",
    }
    assert not re.search(
        r"\b(?:href|style|class|id|src|on\w+)=",
        "".join(a for _, a in made).replace('class="formula"', "").split("data-said")[0],
    )
    assert (
        html.unescape(re.findall(r'data-said="([^"]*)"|<code[^>]*>([^<]*)<', page)[0][0] or rf"\({tex}\)")
        == rf"\({tex}\)"
    )


@pytest.mark.parametrize(
    "tex", [r"\frac{a", "x^", r"\left( x", "{" * 3000, r"\sqrt{" * 900, "x" * (LONGEST + 1)]
)
def test_what_cannot_be_drawn_is_read_as_it_was_written(tex: str) -> None:
    """A formula that breaks off, or goes too deep."""
    assert mathml(tex, "inline") is None
    assert html.escape(rf"\({tex}\)") in READER.render(rf"\({tex}\)")


@given(st.text(alphabet="\\()[]$ ab1^_{}\n-`|>#:<&", max_size=60))
def test_any_text_is_drawn(text: str) -> None:
    """And nothing of it becomes an element that Markdown does not make."""
    tokens = READER.parse(text)
    direct(tokens)
    names = set(re.findall(r"<([a-z]+)", READER.renderer.render(tokens, READER.options, {})))
    assert not names & {"script", "img", "a", "style", "iframe"}


def test_openings_without_an_end_cost_no_time() -> None:
    """A text of them alone is read once, not once for each: the test's own time would not do for that."""
    for opening in (r"\(", r"\[", "$$a ", "$$\n", r"\[\\\\]", r"\(\\\\)"):
        READER.render(opening * (20_000 // len(opening)))
