"""An instrument as items of a form: asked, answered, and scored by what was answered."""

import pytest

from study.errors import StudyFileError
from study.forms import Form, Item, ItemKind, check, shown_form
from study.instruments import (
    Instrument,
    WordsFile,
    codes_of,
    items_of,
    missing_words,
    parse_words,
    score,
    shipped_instruments,
    wording_changed,
)
from tests.study.instruments.kept import INSTRUMENTS, read
from tests.study.instruments.test_scoring import OWN

LABELS = ["A", "B of the system", "C", "D", "The system and E"]
GERMAN = """
  de:
    source: Ourselves
    about: das System
    ends: [Nie, Immer]
    items:
      {a: A, b: "B über {about}", c: Ce, d: De, e: {text: "{about} {about}", ends: [Tief, "{about}!"]}}"""


def two_languages() -> Instrument:
    """One in English and German; one of its items speaks twice of what it is about, and has its own ends."""
    text = OWN.replace("labels: [Never, Seldom, Now and then, Often, Always]", "ends: [Never, Always]")
    pair = 'e: {text: "{About}, and {about}", ends: [Low, "{About} is high"]}'
    return read(text.replace('e: "{About} and E"', pair).replace("\nitems:", GERMAN + "\nitems:"))


def with_words(of: Instrument, written: str) -> tuple[Item, ...]:
    """The items of an instrument with a file of words that has these lines."""
    text = "instrument: own\nlanguages:\n  en:\n    source: Ourselves\n    items: {a: Another}\n"
    words, problems = parse_words(text + written, "words.yaml", {"own": of})
    assert problems == []
    return items_of(of, "en", words=words)


def filled(name: str, language: str = "en", extra: str = "") -> WordsFile:
    """Words for an instrument without, such as "Item 1"; ends for a pair."""
    pairs = name in ("ueq-s", "godspeed")
    lines = [
        f"      {item.id}: {f'[Low {place}, High {place}]' if pairs else f'Item {place}'}\n"
        for place, item in enumerate(INSTRUMENTS[name].items, start=1)
    ]
    text = f"instrument: {name}\nlanguages:\n  {language}:\n    source: Made up\n{extra}    items:\n"
    words, problems = parse_words(text + "".join(lines), "words.yaml", shipped_instruments())
    assert problems == []
    assert words is not None
    return words


def form_of(*items: Item, shuffle: bool = False) -> Form:
    """A form that asks them."""
    return Form(id="after", items=items, shuffle=shuffle)


def test_items_say_what_they_are_about() -> None:
    """What the study names stands in the place of the system, and begins a sentence as sentences begin."""
    items = items_of(INSTRUMENTS["s-tias"], "en", "the assistant")
    assert [item.label for item in items] == [
        "I am confident in the assistant.",
        "The assistant is reliable.",
        "I can trust the assistant.",
    ]
    assert [item.id for item in items] == ["s_tias_confident", "s_tias_reliable", "s_tias_trust"]
    assert items_of(INSTRUMENTS["s-tias"], "en")[1].label == "The system is reliable."
    assert items_of(INSTRUMENTS["s-tias"], "en", "Alex")[1].label == "Alex is reliable."


def test_answers_have_the_codes_of_the_key() -> None:
    """Labels where each point has one, ends where only these have, a slider for many: the key's numbers."""
    own = items_of(read(OWN), "en")
    assert own[0].kind == ItemKind.NOTE
    assert own[0].label == "Think of the system."
    assert [(option.value, option.code, option.label) for option in own[1].options][:2] == [
        ("0", 0, "Never"),
        ("1", 1, "Seldom"),
    ]
    trust = items_of(INSTRUMENTS["s-tias"], "en")[0]
    assert (trust.least, trust.most, trust.low, trust.high) == (1, 7, "Not at all", "Extremely")
    workload = items_of(INSTRUMENTS["nasa-tlx-raw"], "en")
    assert {(item.kind, item.least, item.most, item.step) for item in workload} == {
        (ItemKind.SLIDER, 0, 100, 5)
    }
    ends = [(item.low, item.high) for item in workload]
    assert ends[3] == ("Good", "Poor")
    assert {*ends[:3], *ends[4:]} == {("Low", "High")}


@pytest.mark.parametrize("name", list(INSTRUMENTS))
def test_what_is_asked_in_a_form_is_scored(name: str) -> None:
    """Every worked example, answered in the form as a page sends it, comes to its scores."""
    instrument = INSTRUMENTS[name]
    words = filled(name) if instrument.is_bare else None
    for example in instrument.examples:
        items = [
            item.model_copy(update={"required": False}) for item in items_of(instrument, "en", "Alex", words)
        ]
        form = shown_form(form_of(*items), "en", "seed")
        sent = {instrument.form_id(item): str(value) for item, value in example.answers.items()}
        answered = check(form, sent)
        assert answered.errors == {}
        scores = score(instrument, codes_of(instrument, form.items, answered.values))
        for scale, expected in example.scores.items():
            assert scores[scale].value == (None if expected is None else pytest.approx(expected, abs=5e-5))


def test_a_form_with_other_items_is_scored() -> None:
    """Only its own items count for an instrument, and an item that the study left out was not answered."""
    instrument = INSTRUMENTS["s-tias"]
    items = items_of(instrument, "en")
    age = Item(id="age", kind=ItemKind.NUMBER, label="How old are you?")
    values = {"age": 30, "s_tias_confident": 2, "s_tias_trust": 4}
    assert codes_of(instrument, [age, *items], values) == {"confident": 2, "reliable": None, "trust": 4}
    assert codes_of(instrument, [age, *items[:1]], values) == {"confident": 2}


def test_the_order_is_the_forms_unless_the_paper_fixes_it() -> None:
    """Items whose order is free are shuffled with a form; others stay, as an instruction does."""
    items = items_of(read(OWN), "en")
    free = [item.id for item in items]
    forms = [shown_form(form_of(*items, shuffle=True), "en", seed) for seed in "abcdefgh"]
    orders = {tuple(item.id for item in form.items) for form in forms}
    assert len(orders) > 3
    assert {order[0] for order in orders} == {free[0]}
    fixed = items_of(read(OWN.replace("answers:", "order: fixed\nanswers:", 1)), "en")
    shown = shown_form(form_of(*fixed, shuffle=True), "en", "a")
    assert [item.id for item in shown.items] == free


@pytest.mark.parametrize("name", [name for name, one in INSTRUMENTS.items() if one.is_bare])
def test_an_instrument_without_its_words_is_refused(name: str) -> None:
    """The sentence says what lacks, where to get it, and where to write it."""
    instrument = INSTRUMENTS[name]
    told = missing_words(instrument, "en")
    assert told is not None
    with pytest.raises(StudyFileError) as raised:
        items_of(instrument, "en")
    assert str(raised.value) == told
    assert f"{name} comes without the words of its items, and lacks in 'en': q1, q2" in told
    assert (
        f"Get them from: {instrument.get_texts_from} Write them into a file, below languages.en.items" in told
    )
    assert missing_words(instrument, "en", filled(name)) is None


def test_half_of_the_words_says_what_lacks() -> None:
    """Only the items without words are named."""
    half = filled("umux-lite")
    words = half.languages["en"].model_copy(update={"items": {"q1": half.languages["en"].items["q1"]}})
    told = missing_words(INSTRUMENTS["umux-lite"], "en", half.model_copy(update={"languages": {"en": words}}))
    assert told is not None
    assert "lacks in 'en': q2. Get" in told
    assert told.endswith("Write them into a file, below languages.en.items, each by its id.")


def test_another_language_needs_its_answers_as_well() -> None:
    """English labels do not stand beside German items: the translation brings its own."""
    told = missing_words(INSTRUMENTS["tipi"], "de", filled("tipi", "de"))
    assert told is not None
    assert "tipi has no words for its answers in 'de'. Write 'labels' or 'ends' below languages.de" in told
    words = filled("tipi", "de", "    ends: [Nein, Ja]\n")
    assert items_of(INSTRUMENTS["tipi"], "de", words=words)[0].high == "Ja"


def test_a_language_that_nobody_translated_is_refused() -> None:
    """An instrument is never asked in another language than the form's for want of a translation."""
    with pytest.raises(StudyFileError) as raised:
        items_of(INSTRUMENTS["s-tias"], "de")
    assert str(raised.value) == (
        "s-tias has no words in 'de' for: confident, reliable, trust. It has: en. Write those of a published "
        "translation into a file, below languages.de.items, each by its id."
    )
    told = missing_words(two_languages(), "es")
    assert told is not None
    assert "It has: en, de. Write" in told


@pytest.mark.parametrize("about", ["Alex", "the assistant", "the system", "AI", "x", "(.+)"])
def test_what_it_is_about_is_no_change(about: str) -> None:
    """The published words with the study's own thing in them are the published words."""
    for name in ("s-tias", "nasa-tlx-raw"):
        assert wording_changed(INSTRUMENTS[name], items_of(INSTRUMENTS[name], "en", about)) == ()


@pytest.mark.parametrize(
    ("place", "label", "changed"),
    [
        (0, "I am confident in Alex most of the time.", ["s_tias_confident"]),
        (0, "I am very confident in Alex.", ["s_tias_confident"]),
        (1, "Alex is unreliable.", ["s_tias_reliable"]),
        (1, "Alex is reliable", ["s_tias_reliable"]),
        (2, "I can trust the other one.", ["s_tias_trust"]),
        (2, "I can trust Alex.", []),
    ],
)
def test_another_wording_is_named(place: int, label: str, changed: list[str]) -> None:
    """A word more, a word less, another thing in one of them: the changed item is named, and no other."""
    items = list(items_of(INSTRUMENTS["s-tias"], "en", "Alex"))
    items[place] = items[place].model_copy(update={"label": label})
    assert wording_changed(INSTRUMENTS["s-tias"], items) == tuple(changed)


def test_other_ends_of_an_item_are_named() -> None:
    """Performance from poor to good turns the score round without a word of the item changed."""
    items = list(items_of(INSTRUMENTS["nasa-tlx-raw"], "en"))
    items[3] = items[3].model_copy(update={"low": "Poor", "high": "Good"})
    assert wording_changed(INSTRUMENTS["nasa-tlx-raw"], items) == ("nasa_tlx_raw_performance",)


def test_words_in_several_languages_are_compared_each_with_its_own() -> None:
    """A label by language: the English one is held against the English words."""
    items = list(items_of(INSTRUMENTS["s-tias"], "en", "Alex"))
    said = {"de": "Ich kann Alex vertrauen.", "en": "I can trust Alex."}
    items[2] = items[2].model_copy(update={"label": said})
    assert wording_changed(INSTRUMENTS["s-tias"], items) == ()
    items[2] = items[2].model_copy(update={"label": said | {"en": "I trust Alex."}})
    assert wording_changed(INSTRUMENTS["s-tias"], items) == ("s_tias_trust",)


def test_nothing_is_said_of_words_that_are_not_here() -> None:
    """The words that an instrument comes without are not here to compare with."""
    items = items_of(INSTRUMENTS["sus"], "en", words=filled("sus"))
    assert wording_changed(INSTRUMENTS["sus"], items) == ()


def test_a_pair_is_asked_with_both_its_ends() -> None:
    """A pair has no text of its own: its ends stand above it, and at its places."""
    item = items_of(INSTRUMENTS["ueq-s"], "en", words=filled("ueq-s"))[0]
    assert (item.label, item.low, item.high) == ("Low 1 – High 1", "Low 1", "High 1")


def test_labels_of_steps_have_the_codes_of_the_steps() -> None:
    """Three labels from 0 to 4 are 0, 2 and 4."""
    own = OWN.replace("most: 4}", "most: 4, step: 2, slider: true}")
    items = items_of(read(own.replace("Now and then, Often, Always", "Always")), "en")
    assert [option.code for option in items[1].options] == [0, 2, 4]


def test_own_words_stand_over_the_instruments() -> None:
    """A file of words changes what it has and leaves the rest."""
    plain = with_words(read(OWN), "")
    assert [item.label for item in plain] == ["Think of the system.", "Another", *LABELS[1:]]
    assert with_words(read(OWN), "    instruction: Think.\n")[0].label == "Think."
    assert with_words(read(OWN), "    about: the page\n")[2].label == "B of the page"
    assert [len(item.options) for item in plain] == [0, 5, 5, 5, 5, 5]


def test_ends_take_the_place_of_labels_and_labels_of_ends() -> None:
    """Of two ways to name the answers the file's is taken, and never both."""
    ended = with_words(read(OWN), "    ends: [Ah, Oh]\n")
    assert {(item.high, item.options) for item in ended[1:]} == {("Oh", ())}
    labelled = with_words(two_languages(), "    labels: [a, b, c, d, e]\n")[1]
    assert (len(labelled.options), labelled.high) == (5, None)
    assert with_words(two_languages(), "")[1].high == "Always"


def test_an_instrument_of_nothing_in_particular_has_no_gap() -> None:
    """Where no item names a thing, none is put."""
    own = (
        OWN.replace('"B of {about}"', "B")
        .replace('"{About} and E"', "E")
        .replace('"Think of {about}."', "Think")
    )
    items = items_of(read(own.replace("    about: the system\n", "")), "en")
    assert [item.label for item in items] == ["Think", "A", "B", "C", "D", "E"]


@pytest.mark.parametrize(("language", "label"), [("en", "Else"), ("en", "Ce"), ("de", "Else"), ("de", "C")])
def test_the_language_is_found_by_its_words(language: str, label: str) -> None:
    """Items are held against the language that they come nearest to, as a whole and where one was changed."""
    own = two_languages()
    items = items_of(own, language, "the other")
    assert wording_changed(own, items) == ()
    other = [one.model_copy(update={"label": label}) if one.id == "own_c" else one for one in items]
    assert wording_changed(own, other) == ("own_c",)


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"label": "Alex, and the system"}, True),
        ({"label": "The system, and the system"}, True),
        ({"high": "Berta is high"}, True),
        ({"high": None}, True),
        ({"low": "Lower"}, True),
        ({"label": " Alex, and Alex "}, False),
    ],
)
def test_an_item_speaks_of_one_thing(changes: dict[str, str | None], changed: bool) -> None:
    """What was put for {about} is the same throughout an item, its ends among it, and in all items."""
    own = two_languages()
    items = list(items_of(own, "en", "Alex"))
    items[5] = items[5].model_copy(update=changes)
    assert wording_changed(own, items) == (("own_e",) if changed else ())


def test_things_that_begin_alike_are_two() -> None:
    """The first letter may be a great one, and all others count."""
    own = two_languages()
    for one, other in (("the AI", "the Ai"), ("an", "on"), ("ab", "ac")):
        items = list(items_of(own, "en", one))
        items[5] = items_of(own, "en", other)[5].model_copy(update={"high": items[5].high})
        assert wording_changed(own, items) == ("own_e",), (one, other)


@pytest.mark.parametrize(("end", "changed"), [("Alex is high", ()), ("Alex is higher", ("own_e",))])
def test_ends_by_language_are_compared_each_with_its_own(end: str, changed: tuple[str, ...]) -> None:
    """Where labels and ends are written in two languages, both are held against what was published."""
    own = two_languages()
    english, german = (items_of(own, language, "Alex") for language in ("en", "de"))
    both = [
        one.model_copy(
            update={
                "label": {"de": other.label, "en": one.label},
                "high": {"de": other.high, "en": end if one.id == "own_e" else one.high},
                "low": {"de": other.low, "en": one.low},
            }
        )
        for one, other in zip(english[1:], german, strict=True)
    ]
    assert wording_changed(own, both) == changed


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_most_items_speak_of_is_what_they_are_about(place: int) -> None:
    """One item about another thing is the changed one, wherever it stands."""
    items = list(items_of(INSTRUMENTS["s-tias"], "en", "Alex"))
    items[place] = items_of(INSTRUMENTS["s-tias"], "en", "the AI")[place]
    assert wording_changed(INSTRUMENTS["s-tias"], items) == (items[place].id,)
