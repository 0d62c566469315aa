"""The study that most tests export: all that can happen in one, in three threads, and what is made of it."""

from tests.exports.seed import Seed, at, id_of
from tests.exports.taking_part import consent, ledger, participation, usable, whole_way


def story() -> Seed:
    """Ada's thread with an edit and a failure; Bob's two, one of them deleted; Eve, who never wrote."""
    seed = Seed()
    for name in ("Ada", "Bob", "Eve"):
        seed.participant(name)
    _ada(seed)
    _bob(seed)
    seed.connection("Eve's page", "Eve", 10, thread_id=id_of("never begun"))
    _protocol(seed)
    _researchers(seed)
    seed.event("refused", "refused", 20, participant_id=id_of("Eve"), payload={"what": "step"})
    return seed


def _ada(seed: Seed) -> None:
    thread = "Ada's thread"
    seed.thread(
        thread,
        "Ada",
        60,
        message_count=7,
        turn_count=3,
        last_activity_at=at(400),
        renamed=True,
        metadata={"chat_profile": "Model", "note": "ü"},
        tags=["first"],
    )
    page = seed.connection("Ada's page", "Ada", 50, thread_id=id_of(thread))
    over = {"connection_id": page}
    seed.event("renamed", "thread_renamed", 90, thread_id=id_of(thread), target=id_of(thread))
    seed.step("greeting", thread, 60, "assistant_message", turn=None, agent="Model")

    seed.step("first question", thread, 100, "user_message", **over)
    seed.run("first run", thread, "first question", 101, **over)
    under = {"run_id": id_of("first run"), "parent_id": id_of("first run"), "agent": "Model", **over}
    seed.call("first call", thread, "first run", "first reply", 101.1, "first")
    seed.step(
        "look up",
        thread,
        101.2,
        "tool",
        input='{"q": "tea"}',
        output="green",
        started_at=at(101.2),
        ended_at=at(101.45),
        **under,
    )
    seed.call("second call", thread, "first run", "first reply", 101.5, "second", finish_reason="length")
    seed.step("first reply", thread, 102, "assistant_message", ended_at=at(103), **under)
    seed.rating("rating", thread, "first reply", "first run", 110, is_current=False)
    seed.rating("rating", thread, "first reply", "first run", 120, revision=2, value=0, comment="")
    seed.element("picture", thread, "first reply", 103)

    # The second question was answered, then edited, and answered anew.
    seed.step("second question", thread, 200, "user_message", turn=2, revision=2, **over)
    gone = {"deleted_at": at(300), "deleted_because": "edited"}
    seed.run("old run", thread, "second question", 201, turn=2, **gone, **over)
    old = {"run_id": id_of("old run"), "turn": 2, "deleted_by": id_of("Ada"), **gone, **over}
    seed.call("old call", thread, "old run", "old reply", 201.5, "old")
    seed.step("old tool", thread, 201.7, "tool", **old)
    seed.step("old reply", thread, 202, "assistant_message", agent="Model", **old)
    seed.element("old picture", thread, "old reply", 203)
    seed.rating("old rating", thread, "old reply", "old run", 205)
    seed.step("old follow-up", thread, 210, "user_message", **(old | {"run_id": None, "turn": 3}))
    seed.run("new run", thread, "second question", 301, message_revision=2, turn=2, **over)
    seed.step(
        "new reply",
        thread,
        302,
        "assistant_message",
        turn=2,
        run_id=id_of("new run"),
        agent="Model",
        status="stopped",
        **over,
    )

    # The third one failed without a word.
    seed.step("third question", thread, 400, "user_message", turn=3, **over)
    seed.run(
        "failed run", thread, "third question", 401, turn=3, status="failed", error_type="timeout", **over
    )
    seed.call(
        "failed call",
        thread,
        "failed run",
        "reply that never came",
        401.5,
        "first",
        status="failed",
        gen_ai_response_model=None,
        gen_ai_usage_input_tokens=None,
        gen_ai_usage_output_tokens=None,
        cost=None,
    )
    seed.share("link", thread, "Ada", 410)
    seed.share("stopped link", thread, "Ada", 420, revoked_at=at(430))
    seed.step("notice", thread, 402, "system_message", turn=3, name="Verbatim")


def _bob(seed: Seed) -> None:
    for name, seconds, deleted in (("Bob's thread", 5000, None), ("Bob's deleted thread", 9000, at(9500))):
        seed.thread(
            name,
            "Bob",
            seconds,
            agent="ELIZA",
            message_count=2,
            turn_count=1,
            last_activity_at=at(seconds + 1),
            deleted_at=deleted,
            deleted_by=id_of("Bob") if deleted else None,
        )
        seed.step(f"{name}: said", name, seconds + 1, "user_message", connection_id=id_of("Bob's page"))
        seed.run(f"{name}: run", name, f"{name}: said", seconds + 2, agent="ELIZA", agent_kind="eliza")
        seed.step(
            f"{name}: reply",
            name,
            seconds + 3,
            "assistant_message",
            run_id=id_of(f"{name}: run"),
            agent="ELIZA",
        )
        seed.event(f"{name}: event", "thread_deleted", seconds + 4, thread_id=id_of(name))
    # One page over which he went from thread to thread; its row names the last.
    seed.connection("Bob's page", "Bob", 4900, thread_id=id_of("Bob's deleted thread"))


def _protocol(seed: Seed) -> None:
    """Ada and Bob went all the way; Eve refused; each began the first survey anew, having been away."""
    consent(seed, "Eve", 11, agrees=False)
    participation(seed, "Eve", 10, "consent", 2, ending="refused", ended_at=at(11), usable=False)
    whole_way(seed, "Ada", 20, "warm", 40, 70)
    whole_way(seed, "Bob", 4800, "cold", 55, 50)
    places = ledger(seed, 5)
    usable(seed, places, "Ada", 26)
    usable(seed, places, "Bob", 4806)


def _researchers(seed: Seed) -> None:
    """Two coders who agree on two turns of three; a code that was renamed, one that was retired."""
    seed.code("trust", 1, "Trust", 600)
    seed.code("doubt", 2, "Doubt", 601, colour="orange")
    seed.code("trust", 3, "Reliance", 700, definition="Says that they rely on it.")
    seed.code("doubt", 4, "Doubt", 900, colour="orange", retired_at=at(900))
    thread = "Ada's thread"
    done = {"finished_at": at(890), "codebook_version": 3}
    seed.coding_task(thread, "Rita", 750, **done)
    seed.coding_task(thread, "Rosa", 751, **done, reopened_at=at(860))
    seed.coding_task("Bob's thread", "Rita", 752, **done)
    seed.coding_task("Bob's thread", "Rosa", 753, ended_at=at(790), **done)
    # Given anew, and not finished: that she gave no code there is nothing that they agree on.
    seed.coding_task("Bob's thread", "Rosa", 754, assignment_id=id_of("anew"))
    for coder, given in (("Rita", ("trust", "doubt", "trust")), ("Rosa", ("trust", "doubt", "doubt"))):
        for turn, (message, code) in enumerate(
            zip(("first question", "second question", "third question"), given, strict=True), 1
        ):
            seed.annotation(
                f"{coder}'s {turn}", thread, coder, 800 + turn, code=code, message=message, turn=turn
            )
    seed.annotation("on the thread", thread, "Rita", 810, note="Changes her mind twice. 👩‍🔬")
    span = {"message": "first reply", "turn": 1, "start_offset": 0, "end_offset": 5, "quote": "first"}
    seed.annotation("on words", thread, "Rita", 811, code="trust", target="span", **span)
    seed.annotation(
        "first note", thread, "Rosa", 812, note="Odd.", deleted_at=at(813), deleted_by=id_of("Rosa")
    )
    seed.annotation("second note", thread, "Rosa", 813, note="Not so odd.", replaces=id_of("first note"))
    seed.annotation("back again", thread, "Rosa", 814, code="trust", returned_at=at(820))
    slip = {"message": "third question", "turn": 3, "deleted_at": at(815), "deleted_by": id_of("Rosa")}
    seed.annotation("slip", thread, "Rosa", 814.5, code="trust", **slip)
    seed.annotation("on what left", thread, "Rita", 815, code="doubt", message="old reply", turn=2)
    seed.annotation("on a deleted thread", "Bob's deleted thread", "Rita", 816, note="Why deleted?")
