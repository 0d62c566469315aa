"""What a verification said, read from the line of JSON that `python -m exports verify` ends with."""

import json
from dataclasses import dataclass, field
from typing import Any

from data_layer.database.ids import is_uuid

# Where a row's own id is the place to go to, within its thread.
_ANCHORED = frozenset({"messages", "steps"})


@dataclass(frozen=True)
class ProofFinding:
    """One thing that was found.

    Args:
        where: The file or the table.
        detail: In a sentence.
        count: How many rows.
        links: Up to ten of them: what each is called, and its page, "" where it has none.
    """

    where: str
    detail: str
    count: int = 0
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are not named."""
        return max(0, self.count - len(self.links)) if self.links else 0


@dataclass(frozen=True)
class ShownProof:
    """What the page shows of a verification.

    Args:
        whole: Whether the export can be trusted.
        sentence: What was found, in words.
        wrong: What use of the study cannot have made.
        since: What has happened since.
        said: The command's own words, where it said nothing else.
    """

    whole: bool
    sentence: str
    wrong: list[ProofFinding] = field(default_factory=list)
    since: list[ProofFinding] = field(default_factory=list)
    said: str = ""


def proof_to_show(code: int, told: str, said: str) -> ShownProof:
    """Read what a verification came to.

    Args:
        code: It ended with; 0 when the export is whole.
        told: Its line of JSON; empty when it ended before.
        said: What it said to people.
    """
    if not told:
        return ShownProof(False, "The export could not be verified.", said=said)
    proof = json.loads(told)
    found = [(one["wrong"], _found(one)) for one in proof["found"]]
    return ShownProof(
        code == 0,
        f"The export {proof['sentence']}",
        [one for wrong, one in found if wrong],
        [one for wrong, one in found if not wrong],
    )


def _found(one: dict[str, Any]) -> ProofFinding:
    threads = one["threads"] or [""] * len(one["ids"])
    links = [
        (name, _page(one["where"], name, thread)) for name, thread in zip(one["ids"], threads, strict=True)
    ]
    return ProofFinding(
        one["where"], one["detail"], one["count"], [(_short(name), page) for name, page in links]
    )


def _page(where: str, name: str, thread: str) -> str:
    if where == "participants" and is_uuid(name):
        return f"/research/participants/{name}"
    if not is_uuid(thread):
        return ""
    return f"/research/threads/{thread}" + (f"?at={name}#{name}" if where in _ANCHORED else "")


def _short(name: str) -> str:
    """The first eight characters of an id, as everywhere in the room."""
    return name[:8] if is_uuid(name) else name
