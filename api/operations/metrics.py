"""How the server does, in the shape that Prometheus reads.

https://prometheus.io/docs/instrumenting/exposition_formats/. What happened is counted as it happens; how
things stand is looked up when somebody asks. Nothing in it says anything of a participant.
"""

import hmac
import shutil
from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from api.caller import bearer_of
from api.context import ApiContext, Context
from api.problem import ApiProblem
from data_layer.database.locations import existing
from data_layer.database.rows import Row
from web.visitor import is_of_this_machine

router = APIRouter(tags=["Operation"])

_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)


class ServerMetrics(Collector):
    """Counts, and looks.

    Args:
        context: What the API stands on.
    """

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._replies = Counter(
            "verbatim_replies", "Replies that ended.", ("agent", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "verbatim_reply_seconds",
            "From a reply's beginning to its end.",
            ("agent",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._first = Histogram(
            "verbatim_first_words_seconds",
            "From a reply's beginning until its participant saw the first of it.",
            ("agent",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        context.stage.replied.append(self.count)

    def count(self, run: Row) -> None:
        """Count a reply that has ended.

        Args:
            run: Of `runs`.
        """
        agent = str(run["agent"])
        self._replies.labels(agent, str(run["status"])).inc()
        if run.get("latency_ms") is not None:
            self._seconds.labels(agent).observe(run["latency_ms"] / 1000)
        if run.get("ttft_ms") is not None:
            self._first.labels(agent).observe(run["ttft_ms"] / 1000)

    def written(self) -> bytes:
        """All of it, in Prometheus's text."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """How things stand now."""
        record = self._context.record
        health = record.writer.health
        writes = CounterMetricFamily(
            "verbatim_writes", "Units of writes, by what became of them.", labels=["outcome"]
        )
        for outcome in ("committed", "journaled", "refused", "failed"):
            writes.add_metric([outcome], getattr(health, outcome))
        yield writes
        yield _gauge("verbatim_saving_delayed", "1 while the database does not answer.", int(health.away))
        yield _gauge("verbatim_journal_waiting", "Writes that wait for it.", record.journals.count_waiting())
        yield _gauge("verbatim_connections_open", "Pages and streams.", record.connections.count)
        free = shutil.disk_usage(existing(record.data_dir)).free
        yield _gauge("verbatim_disk_free_bytes", "Of the data folder.", free)
        servers = GaugeMetricFamily(
            "verbatim_provider_left_alone", "1 while a model's server is not asked.", labels=["server"]
        )
        for state in self._context.servers():
            servers.add_metric([state.server], int(state.is_open))
        yield servers


@router.get("/metrics", summary="How does it do?", response_class=Response)
async def metrics(request: Request, context: Context) -> Response:
    """Give the figures to a program on this machine, or with the token of VERBATIM_METRICS_TOKEN."""
    token = context.metrics_token
    given = bearer_of(request)
    knows = token is not None and given is not None and hmac.compare_digest(given.encode(), token.encode())
    if not knows and not is_of_this_machine(request.scope):
        raise ApiProblem(
            403, "not_for_you", "Ask on this machine, or with the token that VERBATIM_METRICS_TOKEN sets."
        )
    written: bytes = request.app.state.metrics.written()
    return Response(written, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)
