"""The table `shares`: links with which participants let others read their threads."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import key, participant_id, thread_id, time
from exports.columns.table import ExportTable, Extract

shares = schema.shares

COLUMNS = (
    key("share_id", "The link; its address is not kept.", shares.c.share_id),
    thread_id(shares),
    participant_id(shares, "Who made it."),
    Column(
        "last_seq",
        Kind.INTEGER,
        "The last place of the thread that it shows; what came later was not shared.",
        value=shares.c.last_seq,
        units="microseconds since 1970, as `seq`",
        required=True,
    ),
    time("created_at", "When it was made.", shares.c.created_at, required=True),
    time("expires_at", "Until when it works.", shares.c.expires_at, required=True),
    time(
        "revoked_at",
        "When the participant stopped it; missing for one that they let run.",
        shares.c.revoked_at,
    ),
)


def extract(scope: Scope) -> Extract:
    """All links to the exported threads, those that no longer work too."""
    return Extract(
        source=with_thread(shares),
        where=scope.threads(),
        order=(shares.c.thread_id, shares.c.created_at, shares.c.share_id),
        touched=(),
        moved=(shares.c.created_at, shares.c.revoked_at),
        around=frozenset({"revoked_at"}),
    )


TABLE = ExportTable(
    name="shares",
    description="Links with which participants let others read a thread; one row a link.",
    columns=COLUMNS,
    key=("share_id",),
    extract=extract,
)
