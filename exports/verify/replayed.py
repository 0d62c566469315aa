"""What a whole study's export says beyond its rows, made again: its ledgers by their seeds, its report."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from exports.assignment.files import FOLDER, SEED_NAME, assignment_files
from exports.assignment.kept import KeptLedger, kept_ledgers
from exports.columns.derived import ReadColumns
from exports.documents.manifest import Manifest
from exports.report.counted import READ
from exports.report.files import FOLDER as REPORT
from exports.report.files import report_files
from exports.verify.difference import Difference, Finding
from study.assignment import complaints_of, is_of, ledger_name, replay
from version import app_version

_TABLE: Final = "assignments"
_FROM: Final = ("ledgers", _TABLE)


def replayed(
    folder: Path,
    manifest: Manifest,
    spoilt: Collection[str],
    read: Mapping[str, ReadColumns],
    known: Mapping[str, str],
) -> list[Difference]:
    """Replay what can be replayed: the whole of a ledger whose seed is known.

    Args:
        folder: The export.
        manifest: Its manifest.
        spoilt: Files that cannot be trusted.
        read: Reads the tables that can be.
        known: Seeds by the ledger's id, where there is a database to ask.

    Returns:
        What differs: each row that is not what the seed gives, and each file of the folder `assignment` that
        is not what the tables come to.
    """
    if not _is_whole(manifest) or not all(name in read for name in _FROM):
        return []
    try:
        ledgers = kept_ledgers(read)
    except (ValueError, KeyError, TypeError) as error:
        return [Difference(Finding.NOT_REPLAYED, _TABLE, f"it cannot be replayed: {error!r}")]
    shown = _seeds_shown(folder, manifest, spoilt)
    found = [
        Difference(Finding.NOT_REPLAYED, _TABLE, what)
        for ledger in ledgers
        if (seed := shown.get(ledger.ledger_id, known.get(ledger.ledger_id))) is not None
        for what in _differences(ledger, seed)
    ]
    return [*found, *_other_files(folder, manifest, spoilt, FOLDER, assignment_files(ledgers, shown))]


def report_again(
    folder: Path, manifest: Manifest, spoilt: Collection[str], read: Mapping[str, ReadColumns]
) -> list[Difference]:
    """Write the report of an export once more, of its tables.

    Args:
        folder: The export.
        manifest: Its manifest.
        spoilt: Files that cannot be trusted.
        read: Reads the tables that can be.

    Returns:
        Each file of the folder `report` that is not what the tables come to. Another version of Verbatim may
        say the same in other words: its own report is not compared.
    """
    if not _is_whole(manifest) or manifest.app_version != app_version() or not set(READ) <= read.keys():
        return []
    try:
        files = report_files(read, _seeds_shown(folder, manifest, spoilt).keys())
    except (ValueError, KeyError, TypeError) as error:
        return [Difference(Finding.FILE_CHANGED, REPORT, f"it cannot be made again: {error!r}")]
    return list(_other_files(folder, manifest, spoilt, REPORT, files))


def _is_whole(manifest: Manifest) -> bool:
    """Whether it holds the whole study: of a part nothing that is counted or drawn can be made again."""
    return not manifest.options.filtered and not manifest.chosen


def _other_files(
    folder: Path, manifest: Manifest, spoilt: Collection[str], below: str, files: Mapping[str, bytes]
) -> Iterator[Difference]:
    there = {one.path for one in manifest.documents if one.path.startswith(f"{below}/")}
    for path in sorted(there | files.keys()):
        if path in spoilt:
            continue
        if path not in there:
            yield Difference(Finding.FILE_MISSING, path, "the file is missing")
        elif (folder / path).read_bytes() != files.get(path):
            yield Difference(Finding.FILE_CHANGED, path, "it is not what the tables come to")


def _differences(ledger: KeptLedger, seed: str) -> Iterator[str]:
    if not is_of(seed, ledger.seed_hash):
        yield "the seed is not the one whose hash stands in ledgers"
    if ledger_name(ledger.study_id, ledger.plan, ledger.seed_hash) != ledger.ledger_id:
        yield "the plan or the seed's hash is not the one that the ledger is named by"
    if any(one.refuses for one in complaints_of(ledger.plan)):
        yield "nobody can be assigned by its plan"
        return
    yield from (f"replayed from its seed: {what}" for what in replay(ledger.plan, seed, ledger.rows))


def _seeds_shown(folder: Path, manifest: Manifest, spoilt: Collection[str]) -> dict[str, str]:
    seeds: dict[str, str] = {}
    for one in manifest.documents:
        if (
            one.path.startswith(f"{FOLDER}/")
            and one.path.endswith(f"/{SEED_NAME}")
            and one.path not in spoilt
        ):
            try:
                told = json.loads((folder / one.path).read_bytes())
                seeds[str(told["ledger_id"])] = str(told["seed"])
            except (ValueError, KeyError, TypeError):
                continue  # its folder is then not what the ledger comes to
    return seeds
