"""What a program says over a socket: typed messages, and nothing else passes."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api.live.place import LONGEST_PLACE

_MOST_ITEMS: Final = 400
# More wordings of a message, or answers to one, than anybody counts.
_MOST_BRANCHES: Final = 10_000
# Milliseconds since 1970 that a datetime can hold.
_LAST_MS: Final = 253_402_300_799_000

Id = Annotated[str, Field(min_length=36, max_length=36)]
Key = Annotated[str, Field(min_length=1, max_length=255)]


class ClientMessage(BaseModel):
    """What each of them may say besides."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ref: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="Any text of yours: what answers this very message carries it."
    )


class AuthenticateMessage(ClientMessage):
    """Who it is, as the first message, where no header could say it: browsers' sockets send none."""

    type: Literal["authenticate"]
    token: Annotated[str, Field(max_length=4_000)] = Field(description="An access token.")
    last_event_id: Annotated[str, Field(max_length=LONGEST_PLACE)] | None = Field(
        None, description="The id of the last event that was read, to go on from there."
    )


class SayMessage(ClientMessage):
    """Say something."""

    type: Literal["say"]
    content: str = Field("", description="The words.")
    key: Key | None = Field(None, description="As the header Idempotency-Key: sent again, it is said once.")
    files: list[Id] = Field(default_factory=list, max_length=50, description="Ids of uploads.")


class EditMessage(ClientMessage):
    """Say a message of one's own otherwise."""

    type: Literal["edit"]
    message_id: Id
    content: str


class AgainMessage(ClientMessage):
    """Have a message answered once more."""

    type: Literal["again"]
    message_id: Id


class BranchMessage(ClientMessage):
    """Walk to another wording of a message, or another answer."""

    type: Literal["branch"]
    message_id: Id = Field(description="The message's, or the answer's that stands now.")
    number: int = Field(ge=1, le=_MOST_BRANCHES, description="Which, counted from 1.")


class FormMessage(ClientMessage):
    """Answer a form."""

    type: Literal["form"]
    form_id: Id
    values: dict[str, Any] = Field(max_length=_MOST_ITEMS, description="By item.")
    touched: dict[str, Annotated[int, Field(ge=0, le=_LAST_MS)]] = Field(
        default_factory=dict,
        max_length=_MOST_ITEMS,
        description="When each was first touched: ms since 1970.",
    )
    changes: dict[str, int] = Field(
        default_factory=dict, max_length=_MOST_ITEMS, description="How often each was changed."
    )
    key: Key | None = None


class OfferMessage(ClientMessage):
    """Say whether one goes on with what one had left."""

    type: Literal["offer"]
    intent_id: Id
    goes_on: bool


class StopMessage(ClientMessage):
    """Stop the reply that is being given; what was shown of it stays."""

    type: Literal["stop"]


class PingMessage(ClientMessage):
    """Ask whether the server is there."""

    type: Literal["ping"]


AnyMessage = Annotated[
    AuthenticateMessage
    | SayMessage
    | EditMessage
    | AgainMessage
    | BranchMessage
    | FormMessage
    | OfferMessage
    | StopMessage
    | PingMessage,
    Field(discriminator="type"),
]
MESSAGES: Final[TypeAdapter[AnyMessage]] = TypeAdapter(AnyMessage)


class NotReadable(Exception):
    """It is none of these; the text says why."""


def read_message(text: str) -> AnyMessage:
    """Read what a client sent.

    Raises:
        NotReadable: It is no message of these.
    """
    try:
        return MESSAGES.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NotReadable(f"{where}: {first['msg']}" if where else first["msg"]) from None
    except (ValueError, RecursionError):
        raise NotReadable("It is no JSON that can be read.") from None
