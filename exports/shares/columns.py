"""The columns of `shares`."""

from exports.column import Column, Kind
from exports.common import key, participant_id, thread_id, time

COLUMNS = (
    key("share_id", "The link; its address is not kept.", "shares.share_id"),
    thread_id("shares"),
    participant_id("shares", "Who made it."),
    Column(
        "last_seq",
        Kind.INTEGER,
        "The last place of the thread that it shows; what came later was not shared.",
        "shares.last_seq",
        units="microseconds since 1970, as `seq`",
        required=True,
    ),
    time("created_at", "When it was made.", "shares.created_at", required=True),
    time("expires_at", "Until when it works.", "shares.expires_at", required=True),
    time(
        "revoked_at",
        "When the participant stopped it; missing for one that they let run.",
        "shares.revoked_at",
    ),
)
