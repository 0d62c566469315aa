"""A thread, from its first word to its last: turns, changes of mind, failures, and what was made of them."""

from collections.abc import Mapping, Sequence
from typing import Final

from data_layer.database.rows import Row
from data_layer.database.text import OPENING_LENGTH, PREVIEW_LENGTH, title_of
from demo.answer import Answers, GeneratedAnswer, History
from demo.asking import DemoForms
from demo.plan import APP_VERSION, DemoPlan, Voice
from demo.sheet import Sheet, new_id
from demo.wanting import DemoIntents
from demo.words import AGAIN, COMMENTS, LEFT, MEANT, TAGS, USER_AGENTS
from study.dialog import Answer
from study.text import ending, storable
from study.vocabulary import MESSAGE_TYPES, PARTICIPANT_AUTHOR, Status, StepType, ThreadState, Transport

# How often, of all answers.
_STOPPED, _INTERRUPTED, _FAILED = 0.015, 0.004, 0.012
_EDITED, _RETRIED, _RATED, _BOOKMARKED = 0.02, 0.015, 0.12, 0.015
# How often, of all turns: the line breaks, the participant comes back some hours later.
_BROKEN, _LATER = 0.015, 0.012
# Of all threads in which something was left: how many are looked into again.
_LOOKED_AGAIN: Final = 0.4
# How often, of all threads.
_COMPLETED, _ABANDONED, _TAGGED, _RENAMED, _DELETED, _RESTORED = 0.5, 0.08, 0.06, 0.03, 0.03, 0.2
_HOUR_MS: Final = 3_600_000
_LIVING_TYPES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)


class Telling:
    """Tells one thread.

    Args:
        sheet: Where the rows go.
        plan: Of which study.
        voice: Who answers.
        participant_id: Who speaks.
        smooth: Nothing goes wrong, and nobody leaves.
    """

    def __init__(self, sheet: Sheet, plan: DemoPlan, voice: Voice, participant_id: str, smooth: bool) -> None:
        self._sheet = sheet
        self._smooth = smooth
        self._participant_id = participant_id
        self._reasons: Mapping[int, Sequence[str]] = plan.reasons
        row = {
            "thread_id": sheet.id(),
            "participant_id": participant_id,
            "study_id": plan.study_id,
            "seq": sheet.order,
            "agent": voice.name,
            "title": "",
            "renamed": False,
            "preview": "",
            "opening": "",
            "message_count": 0,
            "turn_count": 0,
            "state": ThreadState.ACTIVE.value,
            "metadata": {"chat_profile": voice.name},
            "created_at": sheet.now,
            "app_version": APP_VERSION,
            "study_fingerprint": plan.study_fingerprint,
        }
        self.thread = sheet.add("threads", row)
        self._steps: list[Row] = []
        self._history = History()
        self._answers = Answers(sheet, self.thread, voice)
        self._asking = DemoForms(sheet, self.thread, plan.forms)
        # ELIZA does nothing for anybody.
        self._wanting = None if voice.kind == "eliza" else DemoIntents(sheet, self.thread, voice.name)
        self._connect(f"session-{sheet.id()}")

    def tell(self, lines: Sequence[tuple[str, Answer]], title: str | None) -> None:
        """Say all lines, and end.

        Args:
            lines: What the participant says, and what there is to answer.
            title: What the thread is renamed to, if anything.
        """
        for turn, (words, answer) in enumerate(lines, 1):
            self._pass_time()
            self._say(turn, words, answer, is_last=turn == len(lines))
        self._close("client disconnect")
        if self._wanting is not None and self._wanting.end() and self._sheet.beside.random() < _LOOKED_AGAIN:
            self._look_again(self._wanting)
        self._put_in_order(title)
        self._settle()

    def _look_again(self, wanting: DemoIntents) -> None:
        """Some hours later the thread is opened once more: what was left in it is offered."""
        sheet = self._sheet
        sheet.clock += sheet.beside.randrange(_HOUR_MS, 9 * _HOUR_MS)
        self._connect(f"session-{new_id(sheet.beside)}", new_id(sheet.beside))
        wanting.back(self._connection["connection_id"])
        sheet.clock += sheet.beside.randrange(2_000, 60_000)
        self._connection |= {"closed_at": sheet.now, "close_reason": "client disconnect"}
        wanting.away()

    def _pass_time(self) -> None:
        sheet = self._sheet
        if not self._smooth and sheet.happens(_LATER):
            self._close("client disconnect")
            if self._wanting is not None:
                self._wanting.away()
            sheet.wait(_HOUR_MS / 2, 20 * _HOUR_MS)
            self._connect(f"session-{sheet.id()}")
            if self._wanting is not None:
                self._wanting.back(self._connection["connection_id"])
        elif not self._smooth and sheet.happens(_BROKEN):
            session_id = self._connection["session_id"]
            self._close(sheet.chance.choice(LEFT[1:]))
            sheet.wait(800, 40_000)
            self._connect(session_id)
        sheet.wait(4_000, 45_000)

    def _say(self, turn: int, words: str, answer: Answer, *, is_last: bool) -> None:
        sheet = self._sheet
        at = {"turn": turn, "connection_id": self._connection["connection_id"]}
        sent = self._asking.fill()
        said = storable(words if sent is None else sent.words)
        message = sheet.step(self.thread["thread_id"], StepType.USER_MESSAGE, PARTICIPANT_AUTHOR, said, **at)
        sheet.revision(message)
        self._asking.said(message, sent)
        self._steps.append(message)
        self._history.add("user", message["output"])
        if self._wanting is not None:
            self._wanting.hear(message, answer)
        status = self._outcome()
        given = self._answer(message, answer, status)
        if status is Status.COMPLETE and not self._smooth:
            given = self._change_of_mind(message, answer, given)
        if self._wanting is not None:
            self._wanting.answered(message, given, is_last=is_last)
        if given.reply is not None and given.reply["output"]:
            self._history.add("assistant", given.reply["output"])
            if status is Status.COMPLETE:
                self._asking.ask(given.reply, is_last=is_last)
            self._judge(given.reply)

    def _outcome(self) -> Status:
        draw = 1.0 if self._smooth else self._sheet.chance.random()
        for share, status in (
            (_STOPPED, Status.STOPPED),
            (_INTERRUPTED, Status.INTERRUPTED),
            (_FAILED, Status.FAILED),
        ):
            if draw < share:
                return status
            draw -= share
        return Status.COMPLETE

    def _answer(self, message: Row, answer: Answer, status: Status = Status.COMPLETE) -> GeneratedAnswer:
        given = self._answers.give(message, answer, self._history, status)
        self._steps += given.steps
        if self._wanting is not None:
            self._wanting.mark(given)
        return given

    def _change_of_mind(self, message: Row, answer: Answer, given: GeneratedAnswer) -> GeneratedAnswer:
        sheet = self._sheet
        draw = sheet.chance.random()
        # What a form says is not said otherwise, but answered once more.
        is_form = bool((message["metadata"] or {}).get("answers_form"))
        if draw < _EDITED and not is_form:
            sheet.wait(3_000, 60_000)
            self._leave(given, "edited", f"{message['step_id']}/1")
            self._history.said.pop()
            message |= {"output": message["output"] + MEANT, "revision": 2, "version": sheet.order}
            sheet.revision(message)
            self._history.add("user", message["output"])
            return self._answer(message, answer)
        if draw < _EDITED + _RETRIED:
            sheet.wait(3_000, 60_000)
            self._leave(given, "retried", given.run["run_id"])
            return self._answer(message, Answer(answer.calls, AGAIN + (answer.text or "all right.")))
        return given

    def _leave(self, given: GeneratedAnswer, because: str, branch: str) -> None:
        """The answer leaves the screen."""
        leaves = {"deleted_at": self._sheet.now, "deleted_because": because, "branch": branch}
        given.run |= leaves
        for step in given.steps:
            step |= leaves | {"deleted_by": self._participant_id}

    def _judge(self, reply: Row) -> None:
        sheet = self._sheet
        if sheet.happens(_RATED):
            sheet.wait(500, 20_000)
            self._rate(reply)
        if sheet.happens(_BOOKMARKED):
            sheet.wait(500, 5_000)
            row = {
                "bookmark_id": sheet.id(),
                "thread_id": reply["thread_id"],
                "message_id": reply["step_id"],
                "participant_id": self._participant_id,
                "seq": sheet.order,
                "created_at": sheet.now,
            }
            sheet.add("bookmarks", row)
            sheet.wait(1, 2)
            sheet.event(self.thread, "bookmark_put", reply["step_id"])

    def _rate(self, reply: Row) -> None:
        sheet, chance = self._sheet, self._sheet.chance
        row = {
            "rating_id": sheet.id(),
            "revision": 1,
            "thread_id": reply["thread_id"],
            "message_id": reply["step_id"],
            "run_id": reply["run_id"],
            "participant_id": self._participant_id,
            "is_current": True,
        }
        values = [int(sheet.happens(0.8))]
        if sheet.happens(0.1):
            values.append(1 - values[0])
        for revision, value in enumerate(values, 1):
            said = self._reasons.get(value, ())
            ticked = chance.sample(list(said), min(len(said), chance.choice((0, 0, 1, 2)))) or None
            comment = chance.choice(COMMENTS) if sheet.happens(0.15) else None
            is_current = revision == len(values)
            changed = {"revision": revision, "value": value, "reasons": ticked, "comment": comment}
            sheet.add("ratings", row | changed | {"is_current": is_current, "created_at": sheet.now})
            sheet.wait(2_000, 30_000)

    def _put_in_order(self, title: str | None) -> None:
        """What the participant does about the thread itself."""
        sheet, thread = self._sheet, self.thread
        name = thread["thread_id"]
        first = next(step for step in self._steps if step["type"] == StepType.USER_MESSAGE)
        thread["title"] = title_of(first["output"])
        if title is None and sheet.happens(_RENAMED):
            title = f"My order no. {sheet.chance.randrange(2, 40)}"
        if title is not None:
            sheet.wait(1_000, 9_000)
            sheet.event(thread, "thread_renamed", name, {"from": thread["title"], "to": title})
            thread |= {"title": title, "renamed": True}
        if sheet.happens(_TAGGED):
            sheet.wait(1_000, 9_000)
            tags = sheet.chance.sample(TAGS, sheet.chance.choice((1, 1, 2)))
            sheet.event(thread, "thread_tagged", name, {"from": [], "to": tags})
            thread["tags"] = tags
        if not self._smooth and sheet.happens(_DELETED):
            sheet.wait(60_000, _HOUR_MS)
            sheet.event(thread, "thread_deleted", name)
            thread |= {"deleted_at": sheet.now, "deleted_by": self._participant_id}
            if sheet.happens(_RESTORED):
                sheet.wait(5_000, _HOUR_MS)
                sheet.event(thread, "thread_restored", name)
                thread |= {"deleted_at": None, "deleted_by": None}

    def _settle(self) -> None:
        """What a thread's row says of what is in it, as the record's own writer would say it."""
        sheet, thread = self._sheet, self.thread
        living = [s for s in self._steps if s["type"] in _LIVING_TYPES and s["deleted_at"] is None]
        spoken = [s for s in self._steps if s["type"] == StepType.USER_MESSAGE]
        last = str(max(living, key=lambda step: int(step["seq"]))["output"])
        sheet.wait(1, 2)
        thread |= {
            "message_count": len(living),
            "turn_count": sum(1 for step in living if step["type"] == StepType.USER_MESSAGE),
            "preview": ending(last, PREVIEW_LENGTH),
            "opening": last.lstrip(" \t\r\n")[:OPENING_LENGTH],
            "last_activity_at": max(step["created_at"] for step in spoken),
            "version": sheet.order,
        }
        draw = sheet.chance.random()
        if draw < _COMPLETED:
            thread |= {"state": ThreadState.COMPLETED.value, "ended_at": sheet.now}
        elif draw < _COMPLETED + _ABANDONED:
            thread["state"] = ThreadState.ABANDONED.value
        sheet.make_findable(thread, self._steps)

    def _connect(self, session_id: str, connection_id: str | None = None) -> None:
        sheet = self._sheet
        row = {
            "connection_id": connection_id or sheet.id(),
            "session_id": session_id,
            "participant_id": self._participant_id,
            "thread_id": self.thread["thread_id"],
            "user_agent": USER_AGENTS[int(self._participant_id[0], 16) % len(USER_AGENTS)],
            "transport": Transport.WEBSOCKET.value,
            "opened_at": sheet.now,
        }
        self._connection = sheet.add("connections", row)

    def _close(self, reason: str) -> None:
        self._sheet.wait(2_000, 90_000)
        self._connection |= {"closed_at": self._sheet.now, "close_reason": reason}
