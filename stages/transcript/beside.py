"""What stands beside the words in a copy: forms as they were asked and answered, intents where they stood."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from data_layer.conversations.forms import form_of
from data_layer.database.rows import Row
from study.forms.conditions import is_shown
from study.forms.summary import words_of
from study.strings import ENGLISH, Strings
from study.vocabulary import FormState


@dataclass(frozen=True)
class CopiedForm:
    """A form under a reply.

    Args:
        title: Above it; empty for none.
        state: study.vocabulary.FormState.
        questions: What it asked, each with its answer in words; None where there is none.
    """

    title: str
    state: str
    questions: tuple[tuple[str, str | None], ...]

    def answer(self, words: str | None, strings: Strings) -> str:
        """What stands beside a question."""
        if words is not None:
            return words
        return strings("page.form_unanswered") if self.state == FormState.ANSWERED else "–"

    def became(self, strings: Strings) -> str:
        """What stands below it."""
        return strings(_BECAME[self.state])


_BECAME: Mapping[str, str] = {
    FormState.OPEN: "page.form_untouched",
    FormState.ANSWERED: "page.form_answered",
    FormState.LEFT: "page.form_left",
}


@dataclass(frozen=True)
class IntentLine:
    """Where an intent began or ended.

    Args:
        title: As the participant reads it.
        state: "began", "completed" or "abandoned".
    """

    title: str
    state: str

    def words(self, strings: Strings) -> str:
        """As the page says it."""
        return strings(f"page.intent_{self.state}", title=self.title)


def shown_in_copies(row: Row) -> CopiedForm:
    """A form as a copy shows it: as the page shows one that is closed.

    Args:
        row: Of `forms`.
    """
    form, answers = form_of(row), row["answers"] or {}
    answered = row["state"] == FormState.ANSWERED.value
    asked = [item for item in form.asked if not answered or is_shown(item, answers)]
    language = form.language or ENGLISH
    return CopiedForm(
        str(form.title or ""),
        row["state"],
        tuple(
            (str(item.label), words_of(item, answers, language) if item.id in answers else None)
            for item in asked
        ),
    )


Lines = Mapping[str, tuple[IntentLine, ...]]


def lines_at(told: Iterable[Row], entries: Sequence[tuple[str, str]]) -> tuple[Lines, Lines]:
    """Where the lines of intents stand.

    Args:
        told: As data_layer/conversations/intents.py gives them.
        entries: The id and the role of what is copied, in order.

    Returns:
        By the message: what stands above it, and below it; an end stands behind all of its turn.
    """
    above, below = (
        defaultdict[str, tuple[IntentLine, ...]](tuple),
        defaultdict[str, tuple[IntentLine, ...]](tuple),
    )
    last: dict[str, str] = {}  # of the turn of a message
    turn: list[str] = []
    for step_id, role in entries:
        if role == "participant":
            turn = []
        if role != "step":
            turn.append(step_id)
            last.update(dict.fromkeys(turn, step_id))
    for row in told:
        line, message = IntentLine(row["title"], row["state"]), row["message_id"]
        if message not in last:
            continue
        if line.state == "began":
            above[message] += (line,)
        else:
            below[last[message]] += (line,)
    return above, below
