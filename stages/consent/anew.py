"""Who agreed to an earlier version of a consent and comes back: asked again, where the study says so."""

from collections import OrderedDict
from datetime import datetime
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.people.consents import decided_versions
from data_layer.record import Record
from stages.consent.handler import REFUSED
from stages.protocol.handling import Posting
from study.loader import LoadedStudy
from study.protocol.definition import Protocol
from study.protocol.machine import Consented
from study.protocol.stages import ConsentDefinition

# Participants who are known to have agreed to the present versions: a page that is open asks every second.
_KNOWN_MOST: Final = 10_000
_TABLE: Final = "consents"


class AskedAnew:
    """Knows who is to be asked.

    Args:
        record: Where the decisions are kept.
        study: What runs.
    """

    def __init__(self, record: Record, study: LoadedStudy) -> None:
        protocol = study.definition.protocol
        self._record = record
        self._fingerprint = study.fingerprint
        self._ids = [stage.id for stage in protocol.stages] if protocol is not None else []
        self._stages = [
            stage
            for stage in (protocol.stages if protocol is not None else ())
            if isinstance(stage, ConsentDefinition) and stage.on_new_version == "ask"
        ]
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._asking: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    async def stage_of(self, participant_id: str, row: Row) -> ConsentDefinition | None:
        """The consent that somebody is asked for again; None where they agreed to what it says now.

        Args:
            participant_id: Who.
            row: Theirs of `participations`.

        Raises:
            SQLAlchemyError: The database is away.
        """
        # Who began with the very files that run now has read no earlier version.
        if not self._stages or row["study_fingerprint"] == self._fingerprint or row["ending"] is not None:
            return None
        known = participant_id, row["stage_id"]
        if known in self._known or row["stage_id"] not in self._ids:
            return None
        versions = await decided_versions(self._record.database, participant_id)
        here = self._ids.index(row["stage_id"])
        for stage in self._stages:
            is_behind = self._ids.index(stage.id) < here
            if is_behind and versions.get(stage.id, stage.version) != stage.version:
                self._asking.setdefault((participant_id, stage.id), self._record.now())
                _bound(self._asking)
                return stage
        self._known[known] = None
        _bound(self._known)
        return None

    def asked_at(self, participant_id: str, stage: ConsentDefinition) -> datetime:
        """Since when somebody is asked, as far as this process knows; and that it is over now."""
        return self._asking.pop((participant_id, stage.id), self._record.now())


def agrees(stage: ConsentDefinition, posting: Posting) -> bool:
    """Whether what was sent has all that the consent needs."""
    move = posting.move
    return isinstance(move, Consented) and all(move.boxes.get(name) is True for name in stage.needed)


def refused_at_first(protocol: Protocol, stage_id: str, posting: Posting) -> bool:
    """Whether somebody refuses the first consent of all: nothing says then who they are."""
    first = next((stage for stage in protocol.stages if isinstance(stage, ConsentDefinition)), None)
    is_first = first is not None and stage_id == first.id
    return is_first and any(row.get("decision") == REFUSED for table, row in posting.rows if table == _TABLE)


def _bound(kept: OrderedDict[tuple[str, str], Any]) -> None:
    while len(kept) > _KNOWN_MOST:
        kept.popitem(last=False)
