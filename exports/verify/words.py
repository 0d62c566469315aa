"""What verify says, in words: what an export is worth, and what has happened in the study since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from exports.verify.difference import Difference, Finding

_FOUND: Final = {
    Finding.DIFFERENT: "{n} of the export differ from the database, and were not changed there since",
    Finding.NOT_EXPORTED: "{n} of the database are missing from the export, and did not come since",
    Finding.NOT_IN_DATABASE: "{n} of the export are not in the database, or not among those asked for",
    Finding.DISORDERED: "{n} of the export stand twice, or in another order than in the database",
    Finding.MOVED_ON: "{n} changed in the database since the snapshot",
    Finding.NEWER: "{n} came since the snapshot",
    Finding.LEFT: "{n} left since the snapshot",
    Finding.WITHDRAWN: "{n} of participants who have withdrawn since: delete this export, or export again",
}
_RESTORED: Final = ("thread_restored", "thread_returned")
# Acts that an event tells of, and that one row coming or leaving would not.
_ACTS: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    (
        ("thread_restored", "thread_returned"),
        "1 conversation was restored",
        "{n} conversations were restored",
    ),
    (("thread_deleted",), "1 conversation was deleted", "{n} conversations were deleted"),
    (("thread_archived",), "1 conversation was archived", "{n} conversations were archived"),
    (("thread_unarchived",), "1 conversation left the archive", "{n} conversations left the archive"),
    (("thread_renamed",), "1 title was changed", "{n} titles were changed"),
    (("thread_tagged",), "1 conversation was tagged anew", "{n} conversations were tagged anew"),
    (("message_returned",), "1 message was brought back", "{n} messages were brought back"),
    (("branch_shown",), "another branch was shown once", "another branch was shown {n} times"),
)
_THINGS: Final = {
    "threads": ("conversation", "conversations"),
    "messages": ("message", "messages"),
    "intents": ("intent", "intents"),
    "ratings": ("rating", "ratings"),
    "forms": ("form", "forms"),
    "bookmarks": ("bookmark", "bookmarks"),
    "shares": ("link to a conversation", "links to conversations"),
    "codes": ("change of the codebook", "changes of the codebook"),
    "annotations": ("code or note", "codes and notes"),
    "coding_tasks": ("coding task", "coding tasks"),
    "withdrawals": ("withdrawal", "withdrawals"),
    "study_controls": ("pause or reopening", "pauses and reopenings"),
}
_DID: Final = {Finding.NEWER: "came", Finding.LEFT: "left", Finding.MOVED_ON: "changed"}


@dataclass(frozen=True)
class ExportProof:
    """What a verification came to.

    Args:
        found: All that was found.
        at: When the export's snapshot was taken.
        with_database: Whether its rows were compared with the database.
        acts: How often each kind of event happened since, in the conversations that it is about.
    """

    found: list[Difference]
    at: datetime
    with_database: bool
    acts: Mapping[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> list[Difference]:
        """What cannot have happened by use."""
        return [one for one in self.found if one.wrong]

    @property
    def harmless(self) -> list[Difference]:
        """What has happened by use since."""
        return [one for one in self.found if not one.wrong]

    @property
    def sentence(self) -> str:
        """What it says of the export, and what has happened since; it follows the export's name."""
        if self.wrong:
            count = len(self.wrong)
            finding = "1 finding" if count == 1 else f"{count} findings"
            return f"cannot be trusted: {finding} that use of the study cannot explain."
        if not self.with_database:
            return "is whole: it agrees with its manifest."
        if not self.found:
            return "is whole: it agrees with its manifest and the database."
        return f"is whole as of {self.at:%Y-%m-%d %H:%M} UTC; since then {self.since}."

    @property
    def since(self) -> str:
        """What has happened since, in words."""
        told = list(happened(self.acts, self.harmless))
        if not told:
            return "the study has gone on"
        return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"

    def as_json(self) -> dict[str, Any]:
        """For a program: research/exports/proofs.py reads it."""
        return {
            "sentence": self.sentence,
            "found": [
                {
                    "wrong": one.wrong,
                    "where": one.where,
                    "detail": one.detail,
                    "count": one.count,
                    "ids": one.ids,
                    "threads": one.threads,
                }
                for one in self.found
            ],
        }


def rows_found(finding: Finding, count: int) -> str:
    """A finding among rows, in a sentence."""
    return _FOUND[finding].format(n=f"{count:,} row{'' if count == 1 else 's'}")


def happened(acts: Mapping[str, int], harmless: Sequence[Difference]) -> list[str]:
    """What has happened since a snapshot.

    Args:
        acts: How often each kind of event happened.
        harmless: What came, changed and left.

    Returns:
        A clause each; what the rows of one act amount to in other tables is not told again.
    """
    told = []
    for kinds, one, many in _ACTS:
        count = sum(acts.get(kind, 0) for kind in kinds)
        if count:
            told.append(one if count == 1 else many.format(n=f"{count:,}"))
    for difference in harmless:
        if difference.finding is Finding.WITHDRAWN:
            continue
        if difference.where in _THINGS and not _is_told(difference, acts):
            one, many = _THINGS[difference.where]
            thing = one if difference.count == 1 else many
            told.append(f"{difference.count:,} {thing} {_DID[difference.finding]}")
    if any(one.finding is Finding.WITHDRAWN for one in harmless):
        told.append("a participant whose words it holds has withdrawn (delete this export, or export again)")
    return told


def _is_told(difference: Difference, acts: Mapping[str, int]) -> bool:
    """Whether an act has said already what threads did."""
    if difference.where != "threads":
        return False
    if difference.finding is Finding.MOVED_ON:
        return True
    kinds = (
        ("thread_restored", "thread_returned") if difference.finding is Finding.NEWER else ("thread_deleted",)
    )
    return difference.count <= sum(acts.get(kind, 0) for kind in kinds)
