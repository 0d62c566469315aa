"""Who is typing: for some seconds, and never kept."""

from data_layer.conversations.presence import LASTS, MOST, Presence
from tests.data_layer.rows import ADA, BOB
from tests.fakes import HandClock


def test_it_ends_by_itself(clock: HandClock) -> None:
    """Whoever has pressed no key for some seconds does not type; the beginning is the first key's."""
    presence = Presence(clock)
    presence.typed(ADA, "t")
    began = presence.typing()[ADA, "t"]
    clock.forward(LASTS.total_seconds() - 1)
    presence.typed(ADA, "t")
    clock.forward(LASTS.total_seconds() - 1)
    assert presence.typing() == {(ADA, "t"): began}
    clock.forward(1)
    assert presence.typing() == {}


def test_what_is_sent_is_typed_no_more(clock: HandClock) -> None:
    """In its own thread; another's goes on."""
    presence = Presence(clock)
    for who in (ADA, BOB):
        presence.typed(who, "t")
    presence.done(ADA, "t")
    presence.done(ADA, "another")
    assert set(presence.typing()) == {(BOB, "t")}


def test_a_flood_of_threads_takes_no_memory(clock: HandClock) -> None:
    """What has ended makes room, and there is an end to what is known at once."""
    presence = Presence(clock)
    for number in range(MOST + 5):
        presence.typed(ADA, str(number))
    assert len(presence.typing()) <= MOST
    clock.forward(LASTS.total_seconds() * 3)
    presence.typed(BOB, "t")
    assert set(presence.typing()) == {(BOB, "t")}
