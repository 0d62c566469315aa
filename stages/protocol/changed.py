"""A study file that was changed while participants are under way: who would stand nowhere."""

from collections.abc import Iterable

from data_layer.people.standing import StandingAt
from study.loader import LoadedStudy


def stages_missed(study: LoadedStudy, standing: Iterable[StandingAt]) -> list[str]:
    """Find stages that somebody stands at and that the file has no longer, or as another kind.

    Args:
        study: As it is about to run.
        standing: Where those are who are under way.

    Returns:
        A sentence for each, with the repair.
    """
    protocol = study.definition.protocol
    if protocol is None:
        return []
    kinds = {stage.id: stage.kind for stage in protocol.stages}
    return [
        f"{study.folder / 'study.yaml'}, protocol.stages: {at.people} under way at the stage {at.stage_id}, "
        f"of kind {at.kind}, which "
        + ("is not there any more" if at.stage_id not in kinds else f"is now of kind {kinds[at.stage_id]}")
        + f". Put it back, like: {{id: {at.stage_id}, kind: {at.kind}, ...}}; or give the study another 'id'."
        for at in standing
        if kinds.get(at.stage_id) != at.kind
    ]
