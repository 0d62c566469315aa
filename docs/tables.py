"""The tables of the generated pages; cog calls these functions, scripts/lint and a test compare.

`scripts/lint --fix` writes the pages anew.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, get_args, get_origin

from data_layer.database.address_parameters import PARAMETERS
from settings import Settings, example_of, variable_name
from study.vocabulary import BORROWED, WORDS

# The words that each of ours replaces, so that a reader who looks for theirs finds ours.
INSTEAD_OF: Final[dict[str, str]] = {
    "study": "experiment, project",
    "participant": "user, subject",
    "identity": "profile",
    "researcher": "admin",
    "condition": "arm, group",
    "agent": "bot, partner",
    "stage": "page, phase",
    "thread": "session, chat",
    "intent": "task",
    "instrument": "scale",
    "run": "session",
    "connection": "socket",
    "revision": "version",
    "branch": "alternative, regeneration",
    "rating": "feedback (Chainlit's word, at its border only)",
    "annotation": "label",
    "export": "dump",
}


def settings_table() -> str:
    """Give a section for each setting: variable, default, meaning, example."""
    return "\n".join(_section(field) for field in Settings.model_fields)


def glossary_table() -> str:
    """Give the words with their meanings, and what they are not called."""
    rows = [(f"**{word}**", meaning, INSTEAD_OF.get(word, "")) for word, meaning in WORDS.items()]
    return _table(("word", "means", "not"), rows)


def borrowed_table() -> str:
    """Give the words of others with their meanings."""
    return _table(("word", "means"), [(f"**{word}**", meaning) for word, meaning in BORROWED.items()])


def address_table() -> str:
    """Give the parameters of PostgreSQL's address, with what becomes of each."""
    rows = [(f"`{name}`", one.use.value, one.meaning) for name, one in PARAMETERS.items()]
    return _table(("parameter", "is", "meaning"), rows)


def _section(field: str) -> str:
    info = Settings.model_fields[field]
    name = variable_name(field)
    lines = [f"## {name}", "", info.description or "", "", f"Default: {_default(field)}."]
    if get_origin(info.annotation) is Literal:
        lines[-1] += " One of: " + ", ".join(f"`{choice}`" for choice in get_args(info.annotation)) + "."
    example = example_of(field)
    if example and example != str(info.default):
        lines[-1] += f" Example: `{name}={example}`"
    return "\n".join(lines) + "\n"


def _default(field: str) -> str:
    info = Settings.model_fields[field]
    if field == "database_url":
        # It follows VERBATIM_DATA_DIR; what is shown is what a machine without any variable has.
        return "`sqlite+aiosqlite:///data/verbatim.db`"
    if info.default in (None, ()):
        return "none"
    return f"`{info.default:g}`" if isinstance(info.default, float) else f"`{info.default}`"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)]
    return "\n".join(lines)
