"""A study whose words have broken somebody's reader: what every reader of an export is tried with."""

from pathlib import Path
from typing import Final

from exports.columns.field import Field, Kind
from exports.formats.base import HashingFile
from exports.formats.registry import FORMATS_BY_NAME
from exports.rows.batches import batch_of
from tests.exports.seed import Seed, at, id_of
from tests.exports.taking_part import whole_way

TEXTS: Final = (
    "",
    " ",
    "\t",
    "  blanks around  ",
    "NA",
    "N/A",
    "None",
    "null",
    "NULL",
    "NaN",
    "TRUE",
    "false",
    "T",
    "007",
    "9223372036854775808",
    "123456789012345678901234567890",
    "1e5",
    "-0",
    "0x10",
    "2026-03-02",
    "2026-03-02T08:00:00Z",
    "=1+1",
    "+1",
    "@SUM(A1)",
    "# no comment",
    '"',
    '""',
    '","',
    'she said "so"',
    "'",
    "a,b;c\td|e",
    "\n",
    "\r",
    "\r\n",
    "a\nb\rc\r\nd\n",
    "\\",
    "\\n",
    "\\N",
    "\x01\x02\x08\x0b\x0c\x1a\x1b\x1c\x1d\x1e\x1f\x7f",
    "\x85 next line",
    "\u2028 and \u2029",
    "\ufeffbyte order mark",
    "\ufffd\ufffe\uffff",
    "👩‍👩‍👧 👍🏽 🏳️‍🌈",
    "שלום \u202eabc\u202c عربى",
    "é e\u0301",
    "%s %d {} $1",
    "x" * 40_000,
    'a,"b\n' * 8_000,
)
# Readers guess what a column is from the first rows: a hundred, a thousand.
QUIET: Final = 1_200
# Whole for long, then not.
_TIMES: Final = (*(float(110 + number) for number in range(len(TEXTS) - 3)), 110.4, 0.1 + 0.2, 1e21)


# What readers guess right by themselves: whole for longer than they look, and each with a gap.
GUESSED: Final = {
    Kind.NUMBER: [*(110.0,) * QUIET, 110.4, None],
    Kind.INTEGER: [*(1_772_438_400_000_001,) * QUIET, None, 7],
    Kind.BOOLEAN: [*(1, 0) * (QUIET // 2), None, 1],
}


def guessed(path: Path) -> None:
    """Write a file of CSV as an export's are, with a column of each of these kinds by its name."""
    columns = tuple(Field(kind.value, kind, "") for kind in GUESSED)
    with HashingFile(path) as file:
        writer = FORMATS_BY_NAME["csv"].writer(file, columns)
        writer.write(batch_of(list(GUESSED.values()), columns))
        writer.finish()


def hard() -> Seed:
    """One thread: many plain messages of which nothing else is known, then each text, said and answered."""
    seed = Seed()
    seed.participant("Ada")
    seed.thread("thread", "Ada", 0, title="007", last_activity_at=at(9_000))
    for number in range(QUIET):
        seed.step(f"quiet {number}", "thread", number, "user_message", turn=number + 1, name="007")
    for number, text in enumerate(TEXTS):
        second, turn = QUIET + 10 * number, QUIET + number + 1
        _turn(seed, number, second, turn, text)
    _form(seed)
    seed.participant("Bob")
    whole_way(seed, "Ada", 20, "007", 40, 70)
    whole_way(seed, "Bob", 4800, "NA", 55, 50)
    return seed


def options_of_one() -> list[str]:
    """Those of the texts that a form can offer."""
    return [text for text in TEXTS if text.strip() and len(text) <= 200]


def _form(seed: Seed) -> None:
    """A form that offered them, and was answered with the last."""
    offered = options_of_one()
    options = [{"value": text, "label": text, "code": code} for code, text in enumerate(offered, 1)]
    items = [
        {"id": "one", "kind": "choice", "label": "Which | of\nthese?", "options": options},
        {"id": "some", "kind": "choices", "label": '"Which"?', "options": options},
        {"id": "words", "kind": "text", "label": "NA"},
    ]
    for number, words in enumerate(("NA", "007", None)):
        name, said = f"form {number}", {"one": offered[-1 - number], "some": offered[number::2]}
        answers = said | ({"words": words} if words else {})
        seed.form(
            name, "thread", "reply 0", "said 1", 3_000 + number, items, name="odd-form", answers=answers
        )
        seed.form_answer("one", name, 1, value=said["one"])


def _turn(seed: Seed, number: int, second: int, turn: int, text: str) -> None:
    said, run, reply = f"said {number}", f"run {number}", f"reply {number}"
    seed.step(said, "thread", second, "user_message", turn=turn, name="007", output=text)
    seed.run(run, "thread", said, second + 1, turn=turn, ttft_ms=_TIMES[number], latency_ms=_TIMES[number])
    seed.call(
        run, "thread", run, reply, second + 1, "prompt", gen_ai_response_model="1e5", finish_reason="TRUE"
    )
    under = {"turn": turn, "run_id": id_of(run), "agent": "Model", "name": "007", "output": text}
    seed.step(reply, "thread", second + 2, "assistant_message", ended_at=at(second + 3.25), **under)
    for revision, comment in enumerate((None, text), 1):
        seed.rating(
            f"rating {number}",
            "thread",
            reply,
            run,
            second + 2 + revision,
            revision=revision,
            comment=comment,
            is_current=revision == 2,
        )
