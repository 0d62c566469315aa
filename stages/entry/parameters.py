"""What a recruiting service says of who comes: the study's parameters among whatever else was given."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from stages.entry.refusals import EntryRefused

LONGEST_VALUE: Final = 200
# A name that a service gives. "{{%PROLIFIC_PID%}}" is a placeholder that nobody filled in: everybody who
# follows such a link would be the same person.
_PERSON: Final = re.compile(r"[\w.@+~:|=-]{1,200}")


def parameters_in(names: Sequence[str], given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The study's parameters; others are passed over.

    Args:
        names: The study's; the first names the person.
        given: What was given, each as often as it was.

    Raises:
        EntryRefused: Who it is is not said, or said twice, or no name of a person.
    """
    found: dict[str, str] = {}
    for name, value in given:
        if name not in names:
            continue
        if name in found or len(value) > LONGEST_VALUE:
            raise EntryRefused(422, "entry.link_broken")
        found[name] = value.strip()
    if not names or not _PERSON.fullmatch(found.get(names[0], "")):
        raise EntryRefused(422, "entry.link_broken" if found else "entry.need_link")
    return found
