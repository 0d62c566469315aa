"""The folder `assignment` of an export: what replays the assignment in R, without Verbatim."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from exports.assignment.kept import KeptLedger
from exports.documents.writing import json_bytes
from study.assignment import LedgerEvent, plan_rows, replay_script
from study.assignment.places import parts_of

FOLDER: Final = "assignment"
SEED_NAME: Final = "seed.json"
_LEDGER: Final = ("seq", "event", "place_id", "condition", "participant_id", "reason", "inputs", "draw")


def assignment_files(ledgers: Sequence[KeptLedger], seeds: Mapping[str, str]) -> dict[str, bytes]:
    """Write the ledgers whose seed may be known.

    Args:
        ledgers: Of the export.
        seeds: Those that may be known, by the ledger's id.

    Returns:
        By the file's path below the export; none where no seed may be known.
    """
    files: dict[str, bytes] = {}
    commands = []
    for number, ledger in enumerate(ledgers, 1):
        seed = seeds.get(ledger.ledger_id)
        if seed is None:
            continue
        folder = f"ledger-{number}"
        commands.append(f"Rscript replay.R {folder} {_quoted(seed)} {ledger.seed_hash}")
        told = {"ledger_id": ledger.ledger_id, "seed": seed, "seed_sha256": ledger.seed_hash}
        files |= {
            f"{FOLDER}/{folder}/{SEED_NAME}": json_bytes(told),
            f"{FOLDER}/{folder}/assignment-plan.csv": _csv(
                ("what", "value", "weight"), plan_rows(ledger.plan)
            ),
            f"{FOLDER}/{folder}/places.csv": _places(ledger),
            f"{FOLDER}/{folder}/assignments.csv": _rows(ledger),
        }
    if files:
        files |= {f"{FOLDER}/replay.R": replay_script(), f"{FOLDER}/README.md": _read_me(commands)}
    return files


def _places(ledger: KeptLedger) -> bytes:
    """Those that anybody was assigned to, in the order in which they were taken first."""
    taken = {
        row.place_id: row.condition for row in reversed(ledger.rows) if row.event == LedgerEvent.ASSIGNED
    }
    rows = [
        (place_id, *(parts_of(place_id) or (place_id, "", "")), condition)
        for place_id, condition in reversed(taken.items())
    ]
    return _csv(("place_id", "stratum", "block", "seq", "condition"), rows)


def _rows(ledger: KeptLedger) -> bytes:
    return _csv(
        _LEDGER,
        (
            (
                row.seq,
                row.event,
                row.place_id,
                row.condition,
                row.participant,
                row.reason,
                json.dumps(row.inputs, ensure_ascii=False) if row.inputs else "",
                row.draw,
            )
            for row in ledger.rows
        ),
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _quoted(seed: str) -> str:
    """A seed as a shell takes it."""
    return seed if seed.isalnum() else "'" + seed.replace("'", "'\\''") + "'"


def _read_me(commands: Sequence[str]) -> bytes:
    lines = "\n".join(commands)
    return f"""# The assignment, to be replayed

Who got which condition follows from a plan and a seed. The seed's SHA-256 was known before the study, the
seed itself stands here. With R and its package `digest` every place and every row of the ledger is made again
and compared; in this folder:

```sh
{lines}
```

It prints what differs, and ends with 0 where nothing does. It knows the methods simple and blocks, and
`python -m exports verify` all of them. `printf %s SEED | sha256sum` gives the hash. How it is drawn is told
in `replay.R`.
""".encode()
