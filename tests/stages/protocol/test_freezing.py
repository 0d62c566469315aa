"""A study is frozen before anybody comes, and what deviates later is kept."""

import json
from collections.abc import Callable

from data_layer.record import Record
from study.assignment import is_of
from study.freezing import file_hashes, freeze_json, preregistration
from study.loader import LoadedStudy, load_study


async def test_what_is_frozen_names_files_and_seed(
    record: Record, assigning: Callable[..., LoadedStudy]
) -> None:
    """The hash is that of the seed that is drawn from later, and the seed stands nowhere."""
    study = assigning()
    seed_hash = await record.assignments.seed_hash("sealed")
    row = await record.freezes.freeze(study.fingerprint, file_hashes(study), seed_hash)
    told = json.loads(freeze_json(study, seed_hash, row["created_at"]))
    assert told["fingerprint"] == study.fingerprint
    assert {"study.yaml", "texts/consent.md", "surveys/before.yaml"} <= set(told["files"])
    seed = await record.assignments.seed_when_ended("sealed", has_ended=True)
    assert seed is not None
    assert is_of(seed, told["seed_sha256"])
    written = preregistration(study, seed_hash, row["created_at"])
    assert "2: facts, stories" in written
    assert "4 usable participants in each condition" in written
    assert "To be written" in written
    assert seed not in written + json.dumps(told)


async def test_a_start_with_other_files_is_a_deviation_once(
    record: Record, assigning: Callable[..., LoadedStudy]
) -> None:
    """One that was never frozen deviates from nothing; the same change is not told at each start."""
    study = assigning()
    before = study.fingerprint, file_hashes(study)
    assert not await record.freezes.started(*before)
    await record.freezes.freeze(*before, None)
    assert not await record.freezes.started(*before)
    (study.folder / "texts/consent.md").write_text("# Otherwise\n", encoding="utf-8")
    changed = load_study(study.folder)
    after = changed.fingerprint, file_hashes(changed)
    assert [await record.freezes.started(*after) for _ in range(2)] == [True, False]
    assert [row["event"] for row in await record.freezes.rows()] == ["frozen", "deviated"]
