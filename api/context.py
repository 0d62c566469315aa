"""What the API's routes stand on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from agent.base import Agent
from agent.breaker import BreakerState
from api.live.hub import LiveHub
from api.once import Onces
from api.rate_limits import TOKEN, CallerLimit
from data_layer.record import Record
from stages.chat.answering import Agents
from stages.chat.stage import ChatStage
from stages.entry.throttle import EntryThrottle
from stages.uploads import Uploads
from study.loader import LoadedStudy
from study.pace import OPENED, SPOKEN, TOLD, TURNED, RateLimiter
from web.exporting.runner import Exporting
from web.sse import Streams

if TYPE_CHECKING:
    from meaning.service import Meaning

# Where it stands on its host, below a proxy's own path.
MOUNTED_AT: Final = "/api/v1"


class SignedIn(NamedTuple):
    """Who is in, under which sign-in, and until when their token is good at most."""

    participant_id: str
    sign_in_id: str
    until: datetime | None = None


class OfferedAgents(Agents, Protocol):
    """Who can answer, and whom participants may choose."""

    @property
    def offered(self) -> Sequence[Agent]:
        """Those that they may choose, in the study's order."""


@dataclass(frozen=True)
class ApiContext:
    """What the API is given by whoever starts it.

    Args:
        record: What is kept.
        study: Which study.
        stage: Where participants are answered.
        agents: Who can answer.
        throttle: How often somebody may try to come in, by whichever door.
        secret: Signs tokens.
        lasts: How long a sign-in lasts at most.
        read_cookie: Who the page's own cookie says is in; it has been signed by this server.
        origins: Public addresses besides the server's own.
        servers: How the servers of models do, as this process knows it.
        metrics_token: Lets programs of other machines read /metrics.
        asked: How much somebody may ask for.
        live: Those who are told of a thread as it happens.
        streams: Their open answers, which end when the server does.
        spoken: How fast a participant may have agents answer.
        turned: How fast they may change what stands, without having an agent answer.
        told: How often it is kept that they were refused for that.
        opened: How fast a participant may open streams.
        tokens: How much a researcher's token may ask for.
        exporting: Makes exports, for the researchers' room too.
        onces: What was asked under which Idempotency-Key.
        meaning: Search by meaning; None where the study has none.
        ending: Whether this process is about to end, and nobody is to be sent here any more.
    """

    record: Record
    study: LoadedStudy
    stage: ChatStage
    agents: OfferedAgents
    throttle: EntryThrottle
    secret: str
    lasts: timedelta
    read_cookie: Callable[[HTTPConnection], tuple[str, str] | None]
    origins: tuple[str, ...] = ()
    servers: Callable[[], Sequence[BreakerState]] = tuple
    metrics_token: str | None = None
    asked: CallerLimit = field(default_factory=CallerLimit)
    live: LiveHub = field(default_factory=LiveHub)
    streams: Streams = field(default_factory=Streams)
    spoken: RateLimiter = field(default_factory=lambda: RateLimiter(*SPOKEN))
    turned: RateLimiter = field(default_factory=lambda: RateLimiter(*TURNED))
    told: RateLimiter = field(default_factory=lambda: RateLimiter(*TOLD))
    opened: RateLimiter = field(default_factory=lambda: RateLimiter(*OPENED))
    tokens: CallerLimit = field(default_factory=lambda: CallerLimit(TOKEN))
    exporting: Exporting = field(init=False)
    onces: Onces = field(default_factory=Onces)
    meaning: "Meaning | None" = None
    ending: Callable[[], bool] = lambda: False

    @cached_property
    def uploads(self) -> Uploads:
        """Takes files for messages."""
        return Uploads(self.record, lambda: self.study.definition.attachments)

    def __post_init__(self) -> None:
        self.live.watch(self.stage)
        object.__setattr__(self, "exporting", Exporting(self.record, self.study.definition.id))
        self.record.sign_ins.listeners.append(self.live.signed_out)


def _context(connection: HTTPConnection) -> ApiContext:
    context: ApiContext = connection.app.state.api
    return context


Context = Annotated[ApiContext, Depends(_context)]
