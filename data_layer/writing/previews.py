"""A thread's preview begins between graphemes.

No database knows where one begins: what a statement has cut by characters is looked at behind it, in the same
transaction, whose lock on the thread holds by then.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import regex
from sqlalchemy.engine import Connection

from data_layer.database.rows import in_chunks
from data_layer.database.text import PREVIEW_LENGTH
from data_layer.writing.statements import Statements
from study.text import ending

# Characters of a message that are read before its preview, to see where that may begin.
_BEFORE: Final = 256
_WHOLE: Final = 2**31 - 1
# Flags stand in pairs of letters: where all that was read is a row of them, a pair is known from its first.
_FLAGS: Final = regex.compile(r"\p{Regional_Indicator}+")


def mend_previews(connection: Connection, sql: Statements, thread_ids: Sequence[str]) -> None:
    """Let previews begin between graphemes.

    Args:
        connection: In the transaction that has refreshed the threads.
        sql: Of its dialect.
        thread_ids: The threads.
    """
    changes = [
        {"b_thread_id": thread_id, "preview": preview}
        for some in in_chunks(thread_ids)
        for thread_id, preview in _previews(connection, sql, some)
    ]
    if changes:
        connection.execute(sql.put_preview, changes)


def _previews(
    connection: Connection, sql: Statements, thread_ids: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Those that were cut inside a grapheme, as they should be."""

    def read(ids: Sequence[str], length: int) -> Sequence[Any]:
        return connection.execute(sql.last_words, {"ids": list(ids), "length": length}).all()

    for thread_id, words in read(thread_ids, PREVIEW_LENGTH + _BEFORE):
        known = words
        if _FLAGS.fullmatch(words[:_BEFORE]):
            [(_, known)] = read([thread_id], _WHOLE)
        preview = ending(known, PREVIEW_LENGTH)
        if preview != words[-PREVIEW_LENGTH:]:
            yield thread_id, preview
