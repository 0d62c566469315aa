"""What an import came to, as a person reads it."""

from rich.table import Table

from imports.remarks import Remarks
from imports.run import ImportSums
from study.text import without_commands


def sums_table(sums: ImportSums, *, dry: bool) -> Table:
    """How much went in.

    Args:
        sums: Of the import.
        dry: Whether it only would have.
    """
    table = Table(title="What would be imported" if dry else "What was imported", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    rows = (
        ("Conversations read", sums.read),
        ("of these new", sums.threads),
        ("messages and steps in them", sums.messages),
        ("participants that are new", sums.participants),
        ("imported before", sums.here),
        ("of these with other words now", sums.changed),
        ("of participants who have withdrawn", sums.withdrawn),
        ("left out as a whole", sums.refused),
    )
    for words, number in rows:
        if number or words in ("Conversations read", "of these new"):
            table.add_row(words, f"{number:,}")
    return table


def remarks_table(told: Remarks) -> Table | None:
    """What is to be said of the source, a row a kind of remark; None where nothing is."""
    if not told.counts and not told.kept:
        return None
    table = Table(title="What is to be said of it")
    for name in ("What", "How often", "Lines", "What to do"):
        table.add_column(name, justify="right" if name == "How often" else "left")
    for (what, left_out), number in told.counts.items():
        mine = [one for one in told.first if (one.kind, one.left_out) == (what, left_out)]
        places = ", ".join(str(one.place) for one in mine[:5]) + (", …" if number > 5 else "")
        words = f"{'Left out: ' if left_out else 'Noted: '}{what}"
        repair = mine[0].repair if mine else "see the file"
        table.add_row(without_commands(words), f"{number:,}", places, without_commands(repair))
    for what, number in told.kept.items():
        table.add_row(f"Kept: {what}", f"{number:,}", "", "")
    return table
