"""What the page on large exports shows runs as it stands, and each program finds what SQL finds."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import pytest

from exports.make import export
from exports.options import ExportOptions
from tests.examples import Example, examples
from tests.exports.seed import Seed

FACE = "\U0001f9d1"
PAGE = "docs/how-to/analyse-large-exports.md"
# Of each agent and role: messages, threads, characters, ratings, and how many of these are up.
BY_SQL = """
    SELECT coalesce(steps.agent, threads.agent) AS who,
           CASE steps.type WHEN 'user_message' THEN 'user' ELSE 'assistant' END AS role,
           count(*), count(DISTINCT steps.thread_id), sum(length(output)), count(rating_id),
           coalesce(sum(value), 0)
    FROM steps JOIN threads USING (thread_id) LEFT JOIN ratings ON ratings.message_id = steps.step_id
    GROUP BY who, role ORDER BY who, role
"""


@pytest.fixture(scope="module")
def expected(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """The numbers by SQL; the tests run where the export lies, as `out`."""
    folder = tmp_path_factory.mktemp("engines")
    shutil.copyfile(migrated_sqlite, folder / "verbatim.db")
    url = f"sqlite+aiosqlite:///{folder / 'verbatim.db'}"
    seed = Seed()
    seed.participant("Ada")
    for number in range(15):
        thread, agent = f"thread {number}", "ELIZA" if number % 3 else "Model"
        seed.thread(thread, "Ada", number, agent=agent)
        for turn in range(1 + number % 4):
            said = {"turn": turn + 1, "agent": agent}
            asked = f"e\u0301 {FACE * number} {number} {turn}"
            seed.step(asked, thread, 100 * turn, "user_message", turn=turn)
            reply = f"reply {'ß' * turn} {number} {turn}"
            seed.step(reply, thread, 100 * turn + 50, "assistant_message", **said)
            if turn % 2:
                seed.rating(f"rating {reply}", thread, reply, "no run", 200, value=number % 2)
    seed.write(url)
    export(url, folder / "out", options=ExportOptions(tables=("messages", "ratings")), partitions=16)
    with sqlite3.connect(folder / "verbatim.db") as connection:
        numbers = connection.execute(BY_SQL).fetchall()
    connection.close()
    with contextlib.chdir(folder):
        yield numbers


@pytest.mark.parametrize("example", examples(PAGE, "python"), ids=str)
def test_each_program_finds_the_twenty_numbers_that_sql_finds(example: Example, expected: list[Any]) -> None:
    """Counted, joined bucket by bucket, and summed up in place: to the character."""
    names: dict[str, Any] = {}
    exec(compile(example.code, str(example), "exec"), names)  # it is our own page's
    found = names["numbers"]
    if isinstance(found, pandas.DataFrame):
        found = [tuple(row) for row in found.reset_index().to_numpy().tolist()]
    assert found == expected
    assert sum(len(row) - 2 for row in expected) == 20
    assert all(number for row in expected if row[1] == "assistant" for number in row[2:])
