"""ELIZA answers as the program of 1966 did."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.eliza import ElizaAgent, ElizaConversation, as_sentence, hash_of_word
from agent.eliza_pattern import ANY, PatternPart
from agent.eliza_script import Keyword, ScriptReply, ScriptRule, doctor
from study.agent_definitions import ElizaDefinition
from tests.agent.contract import collect, said, text_of

# The conversation that Weizenbaum printed on the first pages of his paper, whole and in order.
PUBLISHED = (
    ("Men are all alike.", "IN WHAT WAY"),
    ("They're always bugging us about something or other.", "CAN YOU THINK OF A SPECIFIC EXAMPLE"),
    ("Well, my boyfriend made me come here.", "YOUR BOYFRIEND MADE YOU COME HERE"),
    ("He says I'm depressed much of the time.", "I AM SORRY TO HEAR YOU ARE DEPRESSED"),
    ("It's true. I am unhappy.", "DO YOU THINK COMING HERE WILL HELP YOU NOT TO BE UNHAPPY"),
    ("I need some help, that much seems certain.", "WHAT WOULD IT MEAN TO YOU IF YOU GOT SOME HELP"),
    ("Perhaps I could learn to get along with my mother.", "TELL ME MORE ABOUT YOUR FAMILY"),
    ("My mother takes care of me.", "WHO ELSE IN YOUR FAMILY TAKES CARE OF YOU"),
    ("My father.", "YOUR FATHER"),
    ("You are like my father in some ways.", "WHAT RESEMBLANCE DO YOU SEE"),
    (
        "You are not very aggressive but I think you don't want me to notice that.",
        "WHAT MAKES YOU THINK I AM NOT VERY AGGRESSIVE",
    ),
    ("You don't argue with me.", "WHY DO YOU THINK I DON'T ARGUE WITH YOU"),
    ("You are afraid of me.", "DOES IT PLEASE YOU TO BELIEVE I AM AFRAID OF YOU"),
    ("My father is afraid of everybody.", "WHAT ELSE COMES TO MIND WHEN YOU THINK OF YOUR FATHER"),
    ("Bullies.", "DOES THAT HAVE ANYTHING TO DO WITH THE FACT THAT YOUR BOYFRIEND MADE YOU COME HERE"),
)


def answers(*texts: str) -> list[str]:
    """Return what ELIZA says to each text of one conversation."""
    conversation = ElizaConversation()
    return [conversation.answer(text) for text in texts]


def first(text: str) -> str:
    """Return what ELIZA says to a first text."""
    return answers(text)[0]


def test_the_published_conversation_comes_out_line_by_line() -> None:
    """All fifteen answers are the paper's, the memory of the boyfriend at the end included."""
    asked, expected = zip(*PUBLISHED, strict=True)
    assert list(expected) == answers(*asked)


async def test_the_agent_replays_the_history() -> None:
    """Asked with the whole conversation, it gives the answer that belongs to its last line."""
    agent = ElizaAgent(ElizaDefinition(name="ELIZA", kind="eliza"))
    history: list[str] = []
    for asked, expected in PUBLISHED:
        history.append(asked)
        assert expected == text_of(await collect(agent, said(*history)))
        history.append(expected)


async def test_only_the_participants_words_count() -> None:
    """What stands between them, such as a reply that was stopped, changes no later answer."""
    agent = ElizaAgent(ElizaDefinition(name="ELIZA", kind="eliza"))
    asked = [text for text, _ in PUBLISHED]
    cut_off = said(*(text for line in asked for text in (line, "I AM SOR")))[:-1]
    assert PUBLISHED[-1][1] == text_of(await collect(agent, cut_off))


def test_the_highest_rank_answers() -> None:
    """COMPUTER (50) goes before MY (2) and I (0), wherever it stands."""
    assert first("I like my computer") == "DO COMPUTERS WORRY YOU"


def test_the_first_of_equal_ranks_answers() -> None:
    """Of two keywords without a rank the first one in the text is answered."""
    assert first("because perhaps") == "IS THAT THE REAL REASON"


def test_replies_are_used_in_turn_and_begin_again() -> None:
    """Four replies to NONE, then the first one again; each conversation counts for itself."""
    five = answers(*["xyzzy"] * 5)
    assert len(set(five[:4])) == 4
    assert five[0] == five[4] == first("xyzzy")


def test_a_text_is_cut_at_the_first_stop_after_a_keyword() -> None:
    """Only the first part that holds a keyword is answered."""
    assert first("Nothing new, I remember school. My computer broke.") == "DO YOU OFTEN THINK OF SCHOOL"


def test_words_are_replaced_before_patterns_are_tried() -> None:
    """I becomes YOU, ME becomes YOU, DONT becomes DON'T."""
    assert first("you dont trust me") == "WHY DO YOU THINK I DON'T TRUST YOU"


def test_links_lead_to_another_keywords_rules() -> None:
    """HOW is answered by WHAT's replies, and takes its turn among them."""
    assert answers("how", "what")[1] == doctor_replies("WHAT")[1]


def test_a_link_inside_the_replies_is_taken_in_turn() -> None:
    """The second answer to "can you" is one of WHAT's."""
    assert answers("can you sing", "can you sing")[1] == doctor_replies("WHAT")[0]


def test_newkey_passes_to_the_next_keyword() -> None:
    """LIKE without "is like" passes its turn to MY."""
    assert first("my dog sees you like that") == "YOUR DOG SEES I LIKE THAT"


def test_when_every_keyword_passes_the_last_resort_answers() -> None:
    """LIKE alone passes, nobody is left, NONE answers."""
    assert first("like") == doctor_replies(None)[0]


def test_pre_rewrites_the_text_and_goes_on() -> None:
    """YOU'RE becomes "I ARE ..." and is answered by YOU's rules."""
    assert first("Honestly you're mean") == "WHAT MAKES YOU THINK I AM MEAN"


def test_a_class_of_words_is_known_by_its_tag() -> None:
    """MOM stands for MOTHER and belongs to the family."""
    assert answers("my cat likes mom", "my cat likes mom")[1] == "WHO ELSE IN YOUR FAMILY"


def test_no_rule_fits_and_the_program_has_its_own_words() -> None:
    """WAS without a participant in it has only NEWKEY; CAN alone has no rule that fits."""
    assert first("can") == doctor().no_match[1]


def test_a_memory_comes_up_only_in_the_fourth_round() -> None:
    """Without keyword in rounds 2 and 3 NONE answers, in round 4 the oldest memory does."""
    conversation = answers(
        "my boyfriend made me come here", "xyzzy", "xyzzy", "xyzzy", "xyzzy", "xyzzy", "xyzzy"
    )
    assert [number for number, reply in enumerate(conversation) if "BOYFRIEND" in reply] == [0, 2]


def test_memories_come_up_oldest_first_and_once() -> None:
    """First in, first out; a memory is not brought up twice."""
    texts = ["my cat sleeps here", "my dog eats here", *["xyzzy"] * 9]
    replies = answers(*texts)[2:]
    assert [word for reply in replies for word in ("CAT", "DOG") if word in reply] == ["CAT", "DOG"]


@pytest.mark.parametrize(("word", "expected"), [("HERE", 3), ("MOTHER", 3), ("YOU", 2), ("FATHER", 2)])
def test_the_last_word_chooses_among_the_memories(word: str, expected: int) -> None:
    """The published memory ends in HERE and takes the fourth form: the program's hash, not chance."""
    assert expected == hash_of_word(word)


def test_only_the_last_cell_of_a_long_word_is_hashed() -> None:
    """The 7094 kept six characters in a word of memory."""
    assert hash_of_word("EVERYBODY") == hash_of_word("ODY")


def test_todays_punctuation_parts_sentences_too() -> None:
    """Question marks, line breaks, curly apostrophes, Chinese stops are read for what they mean."""
    assert first("Really?!\nHe says I\u2019m sad\u3002Yes") == "I AM SORRY TO HEAR YOU ARE SAD"


def test_quotation_marks_are_no_part_of_a_word() -> None:
    """A keyword in quotation marks is the keyword."""
    assert first("They say \u201ccomputer\u201d") == "DO COMPUTERS WORRY YOU"


def test_numbers_keep_their_points() -> None:
    """3.5 is one word and no end of a sentence."""
    assert first("my number is 3.5 today") == "YOUR NUMBER IS 3.5 TODAY"


@pytest.mark.parametrize(
    ("capitals", "sentence"),
    [
        ("DO YOU SAY I AM SAD", "Do you say I am sad"),
        ("HOW DO YOU DO. PLEASE STATE YOUR PROBLEM", "How do you do. Please state your problem"),
        ("I'VE TOLD YOU THAT APOLOGIES ARE NOT REQUIRED", "I've told you that apologies are not required"),
        ("WHY DO YOU SAY 'AM'", "Why do you say 'am'"),
        ("IN WHAT WAY", "In what way"),
    ],
)
def test_letters_as_in_a_sentence(capitals: str, sentence: str) -> None:
    """`letters: sentence` changes letters and nothing else."""
    assert sentence == as_sentence(capitals)


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    """No text raises, no answer is empty."""
    assert first(text).strip()


@given(st.lists(st.lists(st.sampled_from(sorted(doctor().keywords)), max_size=8).map(" ".join), max_size=12))
def test_any_keywords_are_answered(texts: list[str]) -> None:
    """Keywords in any order, in any conversation: always an answer, never a loop."""
    assert all(answer.strip() for answer in answers(*texts))


@given(st.lists(st.text(max_size=40), max_size=6))
def test_the_same_words_get_the_same_answers(texts: list[str]) -> None:
    """A conversation is a function of what was said."""
    assert answers(*texts) == answers(*texts)


async def test_others_run_while_a_long_history_is_replayed() -> None:
    """Between any two utterances the event loop has a turn for other participants."""
    turns_of_others = 0
    replied = asyncio.Event()

    async def other() -> None:
        nonlocal turns_of_others
        while not replied.is_set():
            turns_of_others += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await collect(ElizaAgent(ElizaDefinition(name="ELIZA", kind="eliza")), said(*["I am sad."] * 199))
    replied.set()
    await beside
    assert turns_of_others >= 99


def test_a_keyword_a_thousand_times_is_answered_once() -> None:
    """The text is taken apart once for each different keyword, however often it stands there."""
    looked_at: list[str] = []

    def is_absent(word: str) -> bool:
        looked_at.append(word)
        return False

    passing = Keyword(
        "AGAIN",
        rules=(
            ScriptRule((PatternPart(ANY), PatternPart(1, is_absent)), ()),
            ScriptRule((PatternPart(ANY),), (ScriptReply(),)),
        ),
    )
    script = replace(doctor(), keywords={"AGAIN": passing})
    assert ElizaConversation(script).answer("again " * 1_000) == first("xyzzy")
    assert len(looked_at) == 1


def doctor_replies(keyword: str | None) -> list[str]:
    """Return the replies of a keyword's last rule, or of the last resort."""
    script = doctor()
    rule = script.none if keyword is None else script.keywords[keyword].rules[-1]
    return [" ".join(reply.text or ()) for reply in rule.replies]
