"""The seeds of ledgers: which may be known, and what they are."""

from sqlalchemy import select

from data_layer.database import schema
from exports.rows.snapshot import Snapshot
from study.vocabulary import StudyState


def seeds_in(snapshot: Snapshot) -> dict[str, str]:
    """The seed of each ledger, by the ledger's id; for a proof, which says none of them.

    Args:
        snapshot: Of the database.
    """
    return {ledger_id: seed for ledger_id, seed, *_ in _kept(snapshot)}


def revealed_seeds(snapshot: Snapshot) -> dict[str, str]:
    """The seeds that may be known: those of the study file, and those of studies that have ended.

    Args:
        snapshot: Of the database.
    """
    controls = schema.study_controls
    order = (controls.c.created_at, controls.c.control_id.desc())
    # The newest of each study is the last one here.
    newest = snapshot.all(select(controls.c.study_id, controls.c.state).order_by(*order))
    states = {study_id: state for study_id, state in newest}  # noqa: C416  # rows are no pairs to mypy
    return {
        ledger_id: seed
        for ledger_id, seed, is_sealed, study_id in _kept(snapshot)
        if not is_sealed or states.get(study_id) == StudyState.ENDED.value
    }


def _kept(snapshot: Snapshot) -> list[tuple[str, str, bool, str]]:
    ledgers, seeds = schema.ledgers, schema.seeds
    query = (
        select(ledgers.c.ledger_id, seeds.c.seed, seeds.c.sealed, ledgers.c.study_id)
        .join(seeds, seeds.c.seed_id == ledgers.c.seed_id)
        .order_by(ledgers.c.ledger_id)
    )
    return [(str(one[0]), str(one[1]), bool(one[2]), str(one[3])) for one in snapshot.all(query)]
