"""Which participants a list is of, as its address says: how far they came through the protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from data_layer.review.flow_filter import ANY_ENDING, UNDER_WAY, FlowFilter
from study.protocol.definition import Protocol
from study.text import beginning, storable

_LONGEST: Final = 200
_YES_NO: Final = ("yes", "no")
# What the form has no field for: a number of the overview leads there.
_HIDDEN: Final = ("reached", "opened", "inattentive", "simulated", "condition")
_SHOWN: Final = ("stage", "ending", "usable")


@dataclass(frozen=True)
class NarrowedList:
    """What is asked for.

    Args:
        filter: As the database is asked.
        fields: As the address has it; what means nothing is left out.
        endings: What may be chosen as an ending, with its words.
    """

    filter: FlowFilter
    fields: Mapping[str, str]
    endings: Mapping[str, str]

    @property
    def hidden(self) -> dict[str, str]:
        """What the form hands on as it is."""
        return {name: self.fields[name] for name in _HIDDEN if self.fields.get(name)}

    @property
    def sentence(self) -> str:
        """Who they are, in words."""
        asked = self.fields
        said = []
        if asked.get("opened"):
            said.append("have opened a stage" if asked["opened"] == "yes" else "have opened no stage")
        if asked.get("reached"):
            said.append(f"came as far as {asked['reached']}")
        if asked.get("stage"):
            said.append(f"stand, or ended, at {asked['stage']}")
        if (ending := asked.get("ending", "")) == UNDER_WAY:
            said.append("are under way")
        elif ending:
            said.append("have ended" if ending == ANY_ENDING else f"ended as {ending}")
        if asked.get("usable"):
            said.append("are usable" if asked["usable"] == "yes" else "have ended and are not usable")
        if asked.get("inattentive"):
            said.append("failed an attention check")
        if asked.get("condition"):
            said.append(f"are in the condition {asked['condition']}")
        if asked.get("simulated"):
            said.append("are simulated" if asked["simulated"] == "yes" else "are not simulated")
        return f"Those who {', and '.join(said)}." if said else ""

    def address(self, standing: str) -> str:
        """Of this list, from its top."""
        asked = {"standing": standing, **self.fields}
        written = urlencode({name: value for name, value in asked.items() if value})
        return f"/research/participants{'?' if written else ''}{written}"


def asked_flow(
    query: Callable[[str], str], protocol: Protocol | None, *, sees_conditions: bool
) -> NarrowedList:
    """Read what an address asks for.

    Args:
        query: Gives a field of it.
        protocol: Of the study; without one nothing is narrowed.
        sees_conditions: Whether who asks sees conditions: of nobody else a condition is taken.
    """
    if protocol is None:
        return NarrowedList(FlowFilter(), dict.fromkeys(_SHOWN, ""), {})
    ids = [stage.id for stage in protocol.stages]
    endings = {"": "Any", UNDER_WAY: "Under way", ANY_ENDING: "Has ended"}
    endings |= {name: name for name in protocol.endings}
    taken = {
        "stage": ids,
        "reached": ids,
        "ending": list(endings),
        "usable": _YES_NO,
        "opened": _YES_NO,
        "inattentive": ("yes",),
        "simulated": _YES_NO,
        "condition": protocol.conditions.names if protocol.conditions and sees_conditions else (),
    }
    asked = {name: beginning(storable(query(name)), _LONGEST) for name in taken}
    fields = {name: value if value in taken[name] else "" for name, value in asked.items()}
    reached, stage = fields["reached"], fields["stage"]
    stages = ids[ids.index(reached) :] if reached else ids
    if stage:
        stages = [one for one in stages if one == stage]
    found = FlowFilter(
        opened="no" if (reached or stage) and not stages else fields["opened"],
        stages=tuple(stages) if reached or stage else (),
        ending=fields["ending"],
        usable=fields["usable"],
        inattentive=bool(fields["inattentive"]),
        simulated=fields["simulated"],
        condition=fields["condition"],
    )
    return NarrowedList(found, fields, endings)
