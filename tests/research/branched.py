"""A thread that was edited, answered anew and walked through, as tests of the room read it."""

from tests.exports.seed import Seed, at, id_of

BRANCHED = "Branched thread"
MESSAGE = "branching question"


def branched(seed: Seed) -> None:
    """Ada asked, edited, walked back and forth again; of the second wording two answers were given.

    Standing are the second wording and its second answer. Off the screen: what followed the first wording,
    with a pause of hours, and the first answer to the second.
    """
    thread = BRANCHED
    seed.thread(thread, "Ada", 20_000, message_count=3, turn_count=1, last_activity_at=at(40_300))
    seed.step(MESSAGE, thread, 20_001, "user_message", revision=2, output="What is rain, and why?")
    name = id_of(MESSAGE)
    first = {"deleted_at": at(40_050), "deleted_because": "switched", "branch": f"{name}/1"}
    _answer(seed, "of the first wording", 20_002, 1, first)
    hours = {**first, "deleted_by": id_of("Ada")}
    seed.step("branch follow-up", thread, 30_000, "user_message", turn=2, **hours)
    # The edit was at 40,000; she looked at the first wording once more from 40,020 to 40,050.
    left = {"deleted_at": at(40_200), "deleted_because": "retried", "branch": id_of("run second")}
    _answer(seed, "second", 40_001, 2, left)
    _answer(seed, "third", 40_201, 2, {})
    walk = {"thread_id": id_of(thread), "target": name}
    for number, (moment, to, back) in enumerate(((40_020, 1, 2), (40_050, 2, 1))):
        payload = {"message_id": name, "from": f"{name}/{back}", "to": f"{name}/{to}"}
        seed.event(f"walk {number}", "branch_shown", moment, payload=payload, **walk)
    seed.event("stopped nothing", "stop_pressed", 40_250, thread_id=id_of(thread), payload={"stopped": False})
    session = {"thread_id": id_of(thread), "session_id": "one page"}
    seed.connection(
        "branched page", "Ada", 19_990, closed_at=at(20_500), close_reason="ping timeout", **session
    )
    seed.connection("branched page again", "Ada", 20_512, closed_at=at(40_400), **session)
    for row in seed.rows["step_revisions"]:
        if row["step_id"] == name and row["revision"] == 2:
            row["created_at"] = at(40_000)
    seed.step("taken back", thread, 40_260, "assistant_message", turn=1, deleted_at=at(40_290),
              deleted_because="removed", deleted_by=id_of("Ada"), agent="Model")  # fmt: skip


def _answer(seed: Seed, name: str, moment: float, revision: int, left: dict[str, object]) -> None:
    run_left = {key: value for key, value in left.items() if key != "deleted_by"}
    seed.run(f"run {name}", BRANCHED, MESSAGE, moment, message_revision=revision, **run_left)
    over = {"run_id": id_of(f"run {name}"), "agent": "Model", **left}
    seed.step(f"reply {name}", BRANCHED, moment + 1, "assistant_message", **over)
