"""A run: what an agent does about a message, and what of it is kept."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from data_layer.database.rows import Row
from data_layer.database.types import dump_json
from demo.plan import Voice
from demo.sheet import Sheet
from demo.words import ERRORS, FAILED, TOOL_ERRORS
from study.dialog import Answer
from study.text import beginning
from study.vocabulary import APP_NAME, Status, StepType

_SYSTEM: Final = "You take orders in a coffee shop. Answer in a calm and friendly way."
_LETTERS_A_TOKEN: Final = 4
# How often, of all calls of tools, one fails.
_BROKE: Final = 0.02
# US dollars for a token, as small models cost in 2026.
_PRICES: Final = (0.15e-6, 0.6e-6)


@dataclass
class History:
    """What a model is shown: the living messages, each as its JSON."""

    said: list[str] = field(default_factory=lambda: [_message("system", _SYSTEM)])

    def add(self, role: str, content: str) -> None:
        """Somebody has said something."""
        self.said.append(_message(role, content))

    def prompt(self) -> str:
        """The messages as the record keeps them."""
        return f"[{','.join(self.said)}]"


@dataclass
class GeneratedAnswer:
    """An answer that was given.

    Args:
        run: Its row.
        steps: Its rows: tools, the reply or the notice.
        reply: The reply, when words came.
        call: Of the model, where one was asked.
    """

    run: Row
    steps: list[Row]
    reply: Row | None
    call: Row | None


class Answers:
    """Gives answers in a thread.

    Args:
        sheet: Where the rows go.
        thread: The thread's row.
        voice: Who answers.
    """

    def __init__(self, sheet: Sheet, thread: Row, voice: Voice) -> None:
        self._sheet = sheet
        self._thread = thread
        self._voice = voice

    def give(self, message: Row, answer: Answer, history: History, status: Status) -> GeneratedAnswer:
        """Answer a message.

        Args:
            message: Its row, as it now reads.
            answer: What there is to say.
            history: What was said up to the message.
            status: How it ends.
        """
        sheet = self._sheet
        sheet.wait(15, 60)
        run = self._run(message, status)
        call = self._call(run, history) if self._voice.kind == "openai" else None
        under = {name: run[name] for name in ("run_id", "connection_id", "turn", "agent")}
        under["parent_id"] = run["run_id"]
        steps = [] if self._voice.kind == "eliza" else self._work(run, answer, under)
        sheet.wait(120, 1_400)
        words, reply = _shown(answer.text or "All right.", status, sheet), None
        if words:
            _first_shown(run, sheet.clock)
            reply = sheet.step(run["thread_id"], StepType.ASSISTANT_MESSAGE, self._voice.name, words, **under)
            reply |= {"started_at": sheet.now, "status": status.value}
            begun = sheet.clock
            sheet.wait(8 * len(words), 20 * len(words))
            reply |= {"ended_at": sheet.now, "version": sheet.order}
            sheet.revision(reply)
            steps.append(reply)
            if call is not None:
                call |= {"message_id": reply["step_id"], "ttft_ms": float(begun - _ms(call["started_at"]))}
        self._end(run, call, words, status)
        if status is Status.FAILED:
            steps.append(self._notice(message))
        return GeneratedAnswer(run, steps, reply, call)

    def _run(self, message: Row, status: Status) -> Row:
        sheet = self._sheet
        row = {
            "run_id": sheet.id(),
            "thread_id": message["thread_id"],
            "message_id": message["step_id"],
            "message_revision": message["revision"],
            "connection_id": message["connection_id"],
            "seq": sheet.order,
            "turn": message["turn"],
            "name": "on_message",
            "agent": self._voice.name,
            "agent_kind": self._voice.kind,
            "status": status.value,
            "started_at": sheet.now,
            "app_version": self._thread["app_version"],
            "study_fingerprint": self._thread["study_fingerprint"],
        }
        return sheet.add("runs", row)

    def _call(self, run: Row, history: History) -> Row:
        sheet = self._sheet
        sheet.wait(1, 5)
        messages = history.prompt()
        row = {
            "llm_call_id": sheet.id(),
            "run_id": run["run_id"],
            "thread_id": run["thread_id"],
            "seq": sheet.order,
            "prompt_hash": sheet.prompt(messages),
            "gen_ai_provider_name": "openai",
            "gen_ai_operation_name": "chat",
            "gen_ai_request_model": self._voice.model,
            "gen_ai_usage_input_tokens": len(messages) // _LETTERS_A_TOKEN,
            "request_parameters": {"temperature": 0.7, "max_tokens": 800},
            "started_at": sheet.now,
        }
        return sheet.add("llm_calls", row)

    def _work(self, run: Row, answer: Answer, under: Row) -> list[Row]:
        steps = []
        for call in answer.calls:
            self._sheet.wait(40, 700)
            _first_shown(run, self._sheet.clock)
            step = self._sheet.step(run["thread_id"], StepType.TOOL, call.name, call.response, **under)
            step |= {"input": call.request or "", "started_at": self._sheet.now}
            self._sheet.wait(30, 600)
            step |= {"ended_at": self._sheet.now, "version": self._sheet.order}
            if self._sheet.beside.random() < _BROKE:
                step |= {"output": self._sheet.beside.choice(TOOL_ERRORS), "is_error": True}
            self._sheet.revision(step)
            steps.append(step)
        return steps

    def _end(self, run: Row, call: Row | None, words: str, status: Status) -> None:
        sheet = self._sheet
        error = sheet.chance.choice(ERRORS) if status is Status.FAILED else (None, None)
        end = {
            "ended_at": sheet.now,
            "latency_ms": float(sheet.clock - _ms(run["started_at"])),
            "error_type": error[0],
            "error_message": error[1],
        }
        run |= end
        if call is None:
            return
        call |= end | {
            "latency_ms": float(sheet.clock - _ms(call["started_at"])),
            "status": status.value,
            "attempts": 3 if status is Status.FAILED else 1,
        }
        if status is not Status.COMPLETE:
            # Who was stopped, or failed, has not said what it used.
            call |= {"gen_ai_usage_input_tokens": None}
            return
        tokens = (call["gen_ai_usage_input_tokens"], len(words) // _LETTERS_A_TOKEN + 1)
        call |= {
            "gen_ai_usage_output_tokens": tokens[1],
            "gen_ai_response_model": f"{call['gen_ai_request_model']}-2026-02-01",
            "gen_ai_response_id": f"chatcmpl-{call['llm_call_id'][:8]}",
            "finish_reason": "stop",
            "cost": round(tokens[0] * _PRICES[0] + tokens[1] * _PRICES[1], 8),
            "cost_currency": "USD",
        }

    def _notice(self, message: Row) -> Row:
        sheet = self._sheet
        sheet.wait(1, 20)
        row = sheet.step(
            message["thread_id"], StepType.SYSTEM_MESSAGE, APP_NAME, FAILED, turn=message["turn"]
        )
        sheet.revision(row)
        return row


def _message(role: str, content: str) -> str:
    return dump_json({"role": role, "content": content})


def _shown(words: str, status: Status, sheet: Sheet) -> str:
    """What of the words came onto the screen."""
    if status is Status.COMPLETE:
        return words
    if status is Status.FAILED and sheet.happens(0.7):
        return ""
    return beginning(words, sheet.chance.randrange(1, max(2, len(words)))).rstrip()


def _first_shown(run: Row, clock: int) -> None:
    if run["ttft_ms"] is None:
        run["ttft_ms"] = float(clock - _ms(run["started_at"]))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
