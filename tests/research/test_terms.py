"""Words that open their meaning, and times with the viewer's own beside them."""

import re

import pytest

from data_layer.record import Record
from research.terms import MEANINGS, anchor, term, term_if_known
from study.vocabulary import BORROWED, WORDS
from tests.data_layer.rows import begin_thread
from tests.research.browser import Browser


def test_no_word_has_two_meanings() -> None:
    """Ours and those of others have none in common, nor a place in addresses."""
    assert not WORDS.keys() & BORROWED.keys()
    assert len({anchor(word) for word in MEANINGS}) == len(MEANINGS)


def test_a_word_names_its_meaning_by_its_place() -> None:
    """The button opens what stands beside it; what the glossary has not stays as it is, and text is text."""
    drawn = str(term("token", "<Tokens>"))
    assert 'popovertarget="term-token">&lt;Tokens&gt;</button>' in drawn
    assert f'id="term-token" popover><b>token</b>: {BORROWED["token"]}.' in drawn
    assert term_if_known("max_tokens") == "max_tokens"
    with pytest.raises(KeyError):
        term("tokenn")


async def test_the_glossary_has_each_word_once(owner: Browser) -> None:
    """With its meaning, at the place that a word's link leads to."""
    page = (await owner.get("/glossary")).text
    for word, meaning in MEANINGS.items():
        assert page.count(f'<div id="{anchor(word)}"><dt>{word}</dt>') == 1
        assert meaning.replace("'", "&#39;") in page


async def test_a_page_explains_a_word_once(owner: Browser, record: Record) -> None:
    """Where it first stands: no two places of a page have one name, and each button has its meaning."""
    await record.enter("Ada", "ada")
    thread_id = await begin_thread(record)
    for path in ("/", "/threads", f"/threads/{thread_id}", "/participants", "/audit", "/live", "/exports"):
        page = (await owner.get(path)).text
        places = re.findall(r'popovertarget="([^"]+)"', page)
        assert places, path
        assert len(set(places)) == len(places), path
        assert all(page.count(f'id="{place}"') == 1 for place in places), path


async def test_a_moment_in_a_sentence_has_room_for_the_viewers_own(owner: Browser, record: Record) -> None:
    """UTC is said; the browser's script fills in the rest, and without one nothing is missing."""
    await record.enter("Ada", "ada")
    page = (await owner.get("/")).text
    assert re.search(r"</time> UTC<local-time datetime=\"[^\"]+\+00:00\"></local-time>", page)
    assert '<script src="/research/static/local_time.js"></script>' in page
