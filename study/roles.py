"""Who may do what in the researchers' room."""

from enum import StrEnum
from typing import Final


class ResearcherRole(StrEnum):
    """What a researcher is in a study."""

    OWNER = "owner"
    RESEARCHER = "researcher"
    CODER = "coder"
    VIEWER = "viewer"


class Right(StrEnum):
    """What can be done in the room; each of its routes asks for one."""

    ENTER = "enter"  # the room itself, and one's own account
    OVERVIEW = "overview"
    READ = "read"
    SEARCH = "search"
    IDENTITIES = "identities"
    CONDITIONS = "conditions"  # ask to see who is in which; the audit log keeps that they did
    ANNOTATE = "annotate"
    CODEBOOK = "codebook"  # change it; whoever reads threads reads it
    ASSIGN = "assign"  # say who codes which threads
    EXPORT = "export"
    RESTORE = "restore"
    WITHDRAW = "withdraw"
    STEER = "steer"  # pause, end and open the study
    AUDIT = "audit"
    MANAGE = "manage"


# A coder reads what is assigned to them, and nothing else: data_layer asks for that beside the right.
RIGHTS: Final[dict[ResearcherRole, frozenset[Right]]] = {
    ResearcherRole.OWNER: frozenset(Right),
    ResearcherRole.RESEARCHER: frozenset(Right) - {Right.MANAGE},
    ResearcherRole.CODER: frozenset({Right.ENTER, Right.READ, Right.ANNOTATE}),
    ResearcherRole.VIEWER: frozenset(
        {Right.ENTER, Right.OVERVIEW, Right.READ, Right.SEARCH, Right.CONDITIONS}
    ),
}

ROLE_MEANS: Final[dict[ResearcherRole, str]] = {
    ResearcherRole.OWNER: "does everything, and says who else comes in",
    ResearcherRole.RESEARCHER: "reads, searches, annotates, writes the codebook, restores, exports, "
    "withdraws participants, steers the study and sees the audit log",
    ResearcherRole.CODER: "reads and annotates what is assigned to them, and never sees an identity or a "
    "condition",
    ResearcherRole.VIEWER: "reads and searches, and changes nothing",
}


def may(role: ResearcherRole, right: Right) -> bool:
    """Whether a role has a right."""
    return right in RIGHTS[role]


class TokenScope(StrEnum):
    """What a researcher's token may be for; it does no more than its researcher's role may at that moment."""

    THREADS = "read:threads"
    BEHIND = "read:behind"
    ANNOTATIONS = "read:annotations"
    EXPORTS = "make:exports"


SCOPE_MEANS: Final[dict[TokenScope, str]] = {
    TokenScope.THREADS: "read the study, its participants’ pseudonyms, the threads and what was said in them",
    TokenScope.BEHIND: "read what lay behind: runs, calls to models, hidden steps, earlier wordings, events",
    TokenScope.ANNOTATIONS: "read the codebook, codes and notes",
    TokenScope.EXPORTS: "make exports without identities, and download them",
}

SCOPE_NEEDS: Final[dict[TokenScope, Right]] = {
    TokenScope.THREADS: Right.READ,
    TokenScope.BEHIND: Right.READ,
    TokenScope.ANNOTATIONS: Right.READ,
    TokenScope.EXPORTS: Right.EXPORT,
}
