"""Who reads a study by a program: a researcher, by a token that they made in the room."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.context import ApiContext, Context
from api.problem import ApiProblem
from data_layer.people.researcher_tokens import PREFIX, ResearcherToken
from data_layer.people.researchers import Researcher
from data_layer.review.filters import ThreadFilter, of_coder
from study.roles import Right, TokenScope, may

log = structlog.get_logger(__name__)

_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
_SHOWN: Final = HTTPBearer(
    scheme_name="ResearcherToken",
    description=f"A researcher's token, {PREFIX}..., made in the room on the page Account.",
    auto_error=False,
)


@dataclass(frozen=True)
class Visitor:
    """A program of a researcher's, that may do what it asks for.

    Args:
        context: What the API stands on.
        token: By which it came in.
    """

    context: ApiContext
    token: ResearcherToken

    @property
    def researcher(self) -> Researcher:
        """Whose it is."""
        return self.token.researcher

    @property
    def coder_id(self) -> str | None:
        """Of a coder, who reads what is theirs alone; None for those who read all."""
        return None if self.researcher.reads_all else self.researcher.researcher_id

    def reach(self, filter: ThreadFilter) -> ThreadFilter:
        """What a filter leaves of what its researcher reads."""
        return filter if self.coder_id is None else of_coder(filter, self.coder_id)

    async def may_read(self, thread_id: str) -> bool:
        """Whether its researcher reads a thread, and whatever belongs to it."""
        given = self.context.record.coding_tasks.given
        return self.coder_id is None or await given.has(thread_id, self.coder_id)

    def check(self, right: Right) -> None:
        """See that its researcher has a right now.

        Raises:
            ApiProblem: They have not.
        """
        if not may(self.researcher.role, right):
            raise _no_right(self.researcher)

    async def note(self, action: str, target: str | None = None, **details: Any) -> None:
        """Write into the audit log, durably, what is about to be read.

        Raises:
            DatabaseError: It could not be written: then nothing is shown.
        """
        who = self.researcher
        await self.context.record.audit.note(
            action,
            name=who.name,
            researcher_id=who.researcher_id,
            target=target,
            details={"token": self.token.name} | details,
        )


def _door(scope: TokenScope, right: Right) -> Callable[..., Awaitable[Visitor]]:
    """What lets in a token with a scope, whose researcher has a right."""

    async def let_in(
        request: Request,
        context: Context,
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_SHOWN)],
    ) -> Visitor:
        _check_address(request)
        record = context.record
        token = await record.researcher_tokens.find(shown.credentials.strip()) if shown else None
        if token is None:
            _refused(request, "no token that is good now")
            raise ApiProblem(
                401,
                "no_such_token",
                "This needs a researcher's token that is good now, in the header Authorization: Bearer. "
                "Make one in the room, on the page Account.",
                headers=_CHALLENGE,
            )
        context.tokens.spend(request, token.token_id)
        if scope not in token.scopes:
            _refused(request, f"a token without {scope}")
            raise ApiProblem(
                403, "wrong_scope", f"This token may not {scope}. Make one that may, on the page Account."
            )
        if not token.may(right, scope):
            _refused(request, f"a {token.researcher.role} may not {right}")
            raise _no_right(token.researcher)
        await record.researcher_tokens.used(token)
        return Visitor(context, token)

    let_in.needs = (scope, right)  # type: ignore[attr-defined]  # read by the test that walks every route
    return let_in


def _check_address(request: Request) -> None:
    """See that no token stands in the address: addresses are kept in logs and histories.

    Raises:
        ApiProblem: One does.
    """
    if PREFIX in request.scope.get("query_string", b"").decode("latin-1"):
        raise ApiProblem(
            400,
            "token_in_address",
            "A token stands in the address, where logs keep it. Revoke it on the page Account, and send a "
            "new one in the header Authorization: Bearer.",
        )


def _refused(request: Request, why: str) -> None:
    log.warning("refused", what=f"api {request.scope['path']}", why=why)


def _no_right(who: Researcher) -> ApiProblem:
    return ApiProblem(403, "no_right", f"A {who.role} may not do this. An owner can change that.")


ReadsThreads = Annotated[Visitor, Depends(_door(TokenScope.THREADS, Right.READ))]
ReadsPeople = Annotated[Visitor, Depends(_door(TokenScope.THREADS, Right.OVERVIEW))]
ReadsSearch = Annotated[Visitor, Depends(_door(TokenScope.THREADS, Right.SEARCH))]
ReadsBehind = Annotated[Visitor, Depends(_door(TokenScope.BEHIND, Right.READ))]
ReadsAnnotations = Annotated[Visitor, Depends(_door(TokenScope.ANNOTATIONS, Right.READ))]
MakesExports = Annotated[Visitor, Depends(_door(TokenScope.EXPORTS, Right.EXPORT))]
