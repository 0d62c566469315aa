"""A conversation in memory, of two questions with an answer each, to be edited and walked through."""

from datetime import UTC, datetime
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.writing.writes import DeleteSteps, InsertRow, PutStep, ShowBranch, Write
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, message, new_id, reply

AT: Final = datetime(2026, 11, 21, 13, tzinfo=UTC)
LATER: Final = datetime(2026, 11, 21, 14, tzinfo=UTC)


class Story:
    """Two questions with an answer each, by their runs; what the rows are is asked of it in words.

    Args:
        batches: Where it is kept.
    """

    def __init__(self, batches: Batches) -> None:
        self.batches = batches
        self.thread_id = new_id()
        self.ids: dict[str, str] = {}
        for number in ("1", "2"):
            self.say(f"q{number}", number)
            self.answer(f"a{number}", f"q{number}")

    def say(self, name: str, words: str, **columns: Any) -> PutStep:
        """A participant's message, committed."""
        put = message(self.batches, self.thread_id, words, **columns)
        self.ids[name] = put.row["step_id"]
        self.batches.submit(put)
        return put

    def answer(self, name: str, question: str, revision: int = 1) -> None:
        """A run and its reply, committed."""
        self.batches.submit(*self.answers(name, question, revision))

    def answers(self, name: str, question: str, revision: int = 1) -> list[Write]:
        """A run and its reply."""
        run_id = self.ids[f"run {name}"] = new_id()
        row: Row = {"run_id": run_id, "thread_id": self.thread_id, "message_id": self.ids[question]}
        row |= {"message_revision": revision, "seq": self.batches.take_order(), "turn": 1, "name": "x"}
        put = reply(self.batches, self.thread_id, f"re {name}", run_id=run_id)
        self.ids[name] = put.row["step_id"]
        return [InsertRow("runs", row | {"status": "complete", "started_at": AT}), put]

    def behind(self, name: str, because: str = "edited", branch: str | None = None) -> DeleteSteps:
        """All behind a message leaves, with its runs."""
        seq = self.step(name)["seq"]
        runs = (self.ids[name],)
        return DeleteSteps((), AT, because, self.thread_id, ADA, seq, runs, branch or self.ids[name])

    def edit(self, name: str, words: str) -> None:
        """A message is said otherwise, and what followed it leaves."""
        row = {"step_id": self.ids[name], "thread_id": self.thread_id, "output": words}
        self.batches.submit(self.behind(name), PutStep(row, AT, by=ADA))

    def show(self, name: str = "q1", by: str | None = ADA, **branch: Any) -> ShowBranch:
        """A walk."""
        return ShowBranch(self.thread_id, self.ids[name], LATER, by, **branch)

    def step(self, name: str) -> Row:
        """A step's row."""
        return self.batches.one("steps", step_id=self.ids[name])

    def run(self, name: str) -> Row:
        """The row of the run that gave an answer."""
        return self.batches.one("runs", run_id=self.ids[f"run {name}"])

    def standing(self) -> list[str]:
        """What stands on the screen."""
        return [row["output"] for row in self.batches.rows("steps") if row["deleted_at"] is None]

    def runs(self) -> list[str]:
        """The answers whose runs stand."""
        own = [name for name in self.ids if f"run {name}" in self.ids]
        return [name for name in own if self.run(name)["deleted_at"] is None]

    def kept(self) -> list[Any]:
        """All rows."""
        return [self.batches.rows(table) for table in ("steps", "runs", "threads", "events")]

    def found(self) -> list[str]:
        """The messages' words that are found."""
        return [row["words"] for row in self.batches.found() if row["kind"] == "message" and row["words"]]
