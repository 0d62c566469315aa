"""What people say at a counter, and the order that comes of it."""

import pytest

from agent.base import Agent
from tests.agent.task.counter import Counter, barista

OAT, ALMOND, TWO_PERCENT = "oat milk", "almond milk", "2% milk"


@pytest.fixture(scope="module")
def agent() -> Agent:
    """The coffee shop's."""
    return barista()


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("One latte please", [("latte", 1)]),
        ("a latte and a mocha", [("latte", 1), ("mocha", 1)]),
        ("two lattes", [("latte", 2)]),
        (
            "a large iced latte with oat milk and two cappuccinos",
            [("latte", 1, "iced", OAT), ("cappuccino", 2)],
        ),
        ("two lattes, one with oat milk and one with 2%", [("latte", 1, OAT), ("latte", 1, TWO_PERCENT)]),
        (
            "Two mochas please. Make one with almond, the other iced",
            [("mocha", 1, ALMOND), ("mocha", 1, "iced")],
        ),
        ("one cortado with oat milk and another with almond", [("cortado", 1, OAT), ("cortado", 1, ALMOND)]),
        ("two iced lattes, one with honey", [("latte", 1, "iced"), ("latte", 1, "honey", "iced")]),
        ("a latte. One with oat milk please", [("latte", 1, OAT)]),
        ("a latte and a mocha, both iced", [("latte", 1, "iced"), ("mocha", 1, "iced")]),
        ("oat milk latte, almond milk mocha", [("latte", 1, OAT), ("mocha", 1, ALMOND)]),
        ("I want a sugar-free vanilla latte", [("latte", 1, "sugar free vanilla")]),
        ("a capuccino with hazlenut", [("cappuccino", 1, "hazelnut")]),
        ("latte with no sugar", [("latte", 1)]),
        ("a latte with vanilla and caramel", [("latte", 1, "caramel", "vanilla")]),
        (
            "two cappuccinos, one decaf and one not decaf",
            [("cappuccino", 1, "decaf"), ("cappuccino", 1, "caff")],
        ),
        ("a latte, I will fetch it in 20 minutes", [("latte", 1)]),
        ("a mocha with extra oat milk on the side", [("mocha", 1, "extra oat milk on the side")]),
    ],
)
async def test_one_sentence(agent: Agent, said: str, made: list[tuple[object, ...]]) -> None:
    """Each thing with what was said of it, and nothing of another's."""
    assert await Counter(agent).order(said, "yes") == made


@pytest.mark.parametrize(
    ("said", "made"),
    [
        (["a latte", "No, with oat milk"], [("latte", 1, OAT)]),
        (["a latte", "actually make it a mocha"], [("mocha", 1)]),
        (["a latte with oat milk", "change the oat milk to almond"], [("latte", 1, ALMOND)]),
        (["a latte and a mocha", "change the latte to a cortado"], [("cortado", 1), ("mocha", 1)]),
        (
            ["a latte with oat milk and a mocha", "almond instead of oat"],
            [("latte", 1, ALMOND), ("mocha", 1)],
        ),
        (["a latte with honey", "sugar instead of the honey"], [("latte", 1, "sugar")]),
        (["a latte and a mocha", "make the latte a cortado"], [("cortado", 1), ("mocha", 1)]),
        (["an iced latte", "make the latte a mocha with honey"], [("mocha", 1, "honey", "iced")]),
        (["a latte", "make the latte iced and get me a mocha"], [("latte", 1, "iced"), ("mocha", 1)]),
        (["a latte with honey", "without the honey"], [("latte", 1)]),
        (["a latte with honey", "swap the honey for sugar"], [("latte", 1, "sugar")]),
        (["a latte and a mocha", "remove the mocha"], [("latte", 1)]),
        (["a latte", "add a mocha, too"], [("latte", 1), ("mocha", 1)]),
        (["a latte", "and another one with oat milk"], [("latte", 1), ("latte", 1, OAT)]),
        (["a latte", "Can you add vanilla to my latte?"], [("latte", 1, "vanilla")]),
        (["a latte and a mocha", "make the second one decaf"], [("latte", 1), ("mocha", 1, "decaf")]),
        (["a latte", "actually the milk", "oat"], [("latte", 1, OAT)]),
        (["a latte", "What kinds of milk do you have?", "oat milk then"], [("latte", 1, OAT)]),
        (["a latte", "start over", "a mocha"], [("mocha", 1)]),
        (["a latte", "no", "a mocha instead"], [("mocha", 1)]),
        (["I'd like to order something", "a latte"], [("latte", 1)]),
        (["a latte", "Yes, and a mocha"], [("latte", 1), ("mocha", 1)]),
    ],
)
async def test_several_turns(agent: Agent, said: list[str], made: list[tuple[object, ...]]) -> None:
    """What is said later changes what was said before, and the shop is told."""
    assert await Counter(agent).order(*said, "yes") == made


async def test_cancel_lets_go_of_all(agent: Agent) -> None:
    """Nothing is finished, and a yes afterwards finishes nothing."""
    counter = Counter(agent)
    assert await counter.order("a latte", "cancel that please", "yes") == []
    assert counter.turns[3].content == "All right, I have let that go."


async def test_one_order_goes_into_no_other(agent: Agent) -> None:
    """What was said of a finished order is not said of the next."""
    counter = Counter(agent)
    await counter.order("an iced latte with oat milk to go for Ann", "yes")
    assert await counter.say("a mocha") == "So that is 1 Mocha, for here. Is that right?"


async def test_a_whole_order_is_read_back(agent: Agent) -> None:
    """With the name, and that it is to go."""
    said = await Counter(agent).say("a large iced latte with oat milk and two cappuccinos to go for Ann")
    assert said == "So that is 1 Latte (Oat Milk, Iced), 2 Cappuccino, to go for Ann. Is that right?"


async def test_what_is_not_understood_goes_through_its_attempts(agent: Agent) -> None:
    """A closer match first; refused, and said again, what can be done; never silence."""
    counter = Counter(agent)
    assert await counter.say("a cappuchina") == "Did you mean Cappuccino?"
    assert await counter.say("no") == "All right. Please say it in other words."
    honest = await counter.say("Who was the seventeenth President of the United States?")
    assert honest.startswith("I can't do that; I can help you with this: Order something to drink")


async def test_a_closer_match_is_taken_by_a_yes(agent: Agent) -> None:
    """As though it had been said."""
    assert await Counter(agent).order("a cappuchina", "yes", "yes") == [("cappuccino", 1)]


async def test_a_number_that_is_asked_for_is_answered_with_one() -> None:
    """After "actually the number" and "How many?" the item that it is about gets it."""
    counter = Counter(barista())
    await counter.say("a latte please")
    assert await counter.say("actually the number") == "How many?"
    assert "3 Latte" in await counter.say("three")
