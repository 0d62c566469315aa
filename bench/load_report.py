"""The load bench's figures: from measurements to a table with ratios and targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from rich.table import Table

from bench.load_record import Losses
from simulation.report import quantile

ROWS: Final = {
    "first_token": "time to first token",
    "added": "of it, the app's",
    "reply": "reply, input allowed again",
    "log_in": "log-in",
    "read": "page's reads",
    "connect": "connection",
}
SHARES: Final = {"p50": 0.50, "p95": 0.95, "p99": 0.99}

# DESIGN section 7, for 500 participants and so for fewer; seconds.
REPLY_P95_S: Final = 1.3
LOG_IN_P95_S: Final = 1.0
ADDED_P95_S: Final = 0.250

TARGETS: Final[Mapping[str, float]] = {"added": ADDED_P95_S, "reply": REPLY_P95_S, "log_in": LOG_IN_P95_S}

# Before its first token, in bench/study and in bench/stock_app alike.
AGENT_PAUSE_S: Final = 0.020

# The generator counts as overloaded when it was away from its participants for longer than this.
CLIENT_PAUSE_S: Final = 0.25


@dataclass(frozen=True)
class LoadFigures:
    """One app under one load. Times in seconds, each as p50, p95 and p99.

    Args:
        app: Its name.
        participants: How many at once.
        first_token: From sending a message to the first word on the screen.
        added: What the app adds to that: all but the agent's own pause.
        reply: From sending a message until the input is allowed again; 0.8 s of it is the agent's.
        log_in: From sending the form to the answer.
        read: Each of the page's six reads.
        connect: Until the server is through with a connection.
        messages: Participants' messages that were answered.
        shown: Messages that stood on screens, replies among them.
        lost: How many of them are not in the database.
        altered: How many stand there with other words.
        ownerless: Threads that belong to nobody.
        errors: What participants gave up over.
        server_cpu: Share of one core.
        server_rss_mb: At its highest.
        client_cpu: The generator's share of one core.
        other_cpu: What everything else on the machine took, in cores: near nil, or the figures are
            not the app's alone.
        client_pause_s: The generator's longest pause.
        duration_s: Of the whole run.
    """

    app: str
    participants: int
    first_token: dict[str, float | None]
    added: dict[str, float | None]
    reply: dict[str, float | None]
    log_in: dict[str, float | None]
    read: dict[str, float | None]
    connect: dict[str, float | None]
    messages: int
    shown: int
    lost: int
    altered: int
    ownerless: int
    errors: list[str]
    server_cpu: float
    server_rss_mb: float
    client_cpu: float
    other_cpu: float
    client_pause_s: float
    duration_s: float


class Watched(Protocol):
    """What was seen of the machine during a run; see bench.load_watch."""

    cpu_share: float
    machine_cores: float
    peak_rss_mb: float


def figures_of(app: str, report: Mapping[str, Any], losses: Losses, watched: Watched) -> LoadFigures:
    """Condense one run.

    Args:
        app: Its name.
        report: What `bench.load_client` wrote.
        losses: What the database lacks.
        watched: The server and the machine.
    """
    turns = report["turns"]
    client_cpu = report["cpu_s"] / report["duration_s"]
    first_tokens = [turn["first_token_s"] for turn in turns if turn["first_token_s"] is not None]
    return LoadFigures(
        app=app,
        participants=report["participants"],
        first_token=_spread(first_tokens),
        added=_spread([first_token - AGENT_PAUSE_S for first_token in first_tokens]),
        reply=_spread([turn["reply_s"] for turn in turns]),
        log_in=_spread(report["logins_s"]),
        read=_spread(report["reads_s"]),
        connect=_spread(report["opens_s"]),
        messages=len(turns),
        shown=losses.shown,
        lost=losses.lost,
        altered=losses.altered,
        ownerless=losses.ownerless,
        errors=[*report["errors"], *report["faults"]],
        server_cpu=watched.cpu_share,
        server_rss_mb=watched.peak_rss_mb,
        client_cpu=client_cpu,
        other_cpu=max(0.0, watched.machine_cores - watched.cpu_share - client_cpu),
        client_pause_s=report["longest_pause_s"],
        duration_s=report["duration_s"],
    )


def table_of(rows: Sequence[LoadFigures]) -> Table:
    """Lay the runs out side by side; where the peer ran too, the ratio of p95 to ours stands by it.

    Args:
        rows: In the order of the columns.
    """
    table = Table(title="Participants in one process: times as p50 / p95 / p99, in seconds")
    table.add_column("")
    for row in rows:
        table.add_column(f"{row.app}\n{row.participants}", justify="right")
    ours = {row.participants: row for row in reversed(rows)}
    for name in ROWS:
        table.add_row(ROWS[name], *(_times(row, ours[row.participants], name) for row in rows))
    table.add_row("messages answered", *(str(row.messages) for row in rows))
    table.add_row("lost / altered rows", *(f"{row.lost} / {row.altered} of {row.shown}" for row in rows))
    table.add_row("threads without owner", *(str(row.ownerless) for row in rows))
    table.add_row("errors", *(str(len(row.errors)) for row in rows))
    table.add_row("server: core, MB", *(f"{row.server_cpu:.0%}, {row.server_rss_mb:.0f}" for row in rows))
    table.add_row("client: core, pause", *(_client(row) for row in rows))
    table.add_row("everything else: core", *(f"{row.other_cpu:.0%}" for row in rows))
    return table


def target_misses(row: LoadFigures, limits: Mapping[str, float] = TARGETS) -> list[str]:
    """Name the targets that a run of ours misses.

    Args:
        row: A run of ours.
        limits: Seconds that the 95th percentile may have, by the figure's name.
    """
    misses = []
    for name, limit in limits.items():
        p95 = getattr(row, name)["p95"]
        if p95 is None or p95 > limit:
            found = "nothing" if p95 is None else f"{p95:.3f} s"
            misses.append(f"{row.participants} participants: {name} p95 is {found}, the limit {limit} s")
    for name in ("lost", "altered", "ownerless"):
        if getattr(row, name):
            misses.append(f"{row.participants} participants: {getattr(row, name)} {name}")
    misses += [f"{row.participants} participants: {error}" for error in row.errors[:5]]
    return misses


def _spread(values: Sequence[float]) -> dict[str, float | None]:
    return {name: quantile(values, share) for name, share in SHARES.items()}


def _times(row: LoadFigures, ours: LoadFigures, name: str) -> str:
    times = getattr(row, name)
    shown = " / ".join("-" if value is None else f"{value:.3f}" for value in times.values())
    base = getattr(ours, name)["p95"]
    if row is ours or not base or times["p95"] is None:
        return shown
    return f"{shown}  ({times['p95'] / base:.1f} x)"


def _client(row: LoadFigures) -> str:
    overloaded = " (overloaded)" if row.client_pause_s > CLIENT_PAUSE_S else ""
    return f"{row.client_cpu:.0%}, {row.client_pause_s:.2f} s{overloaded}"
