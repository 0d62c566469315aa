"""Which benches `bench.all` runs, how large, and which of their figures can be compared later.

The sizes are those that let all of them end within MINUTES on two cores that nobody else uses. A figure that
is published at a larger size is measured by the bench itself: each has its own defaults for that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.figures import by_name

# Of the whole, at the usual sizes.
MINUTES: Final = 31
# Stands in arguments for a folder that the benches of one run share.
SHARED: Final = "{shared}"


@dataclass(frozen=True)
class BenchSize:
    """How large a bench is run.

    Args:
        arguments: Its own, from its command line.
        minutes: How long it takes so on two idle cores.
    """

    arguments: tuple[str, ...]
    minutes: float

    def command(self, shared: Path) -> list[str]:
        """Its arguments, with the shared folder in them."""
        return [word.replace(SHARED, str(shared)) for word in self.arguments]


@dataclass(frozen=True)
class PlannedBench:
    """One bench of the whole.

    Args:
        name: As `scripts/bench` takes it.
        module: What is run.
        usual: Its size.
        quick: Its size when only the way is tried, not the figures.
        known_by: The fields that tell the rows of its JSON apart; none where it has no rows.
        cpu: Patterns of our figures that count the processor and not the clock: a busy machine changes them
            little.
    """

    name: str
    module: str
    usual: BenchSize
    quick: BenchSize
    known_by: tuple[str, ...] = ()
    cpu: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its place in the JSON."""
        return self.name.replace("-", "_")

    def size(self, quick: bool) -> BenchSize:
        """The one that is asked for."""
        return self.quick if quick else self.usual

    def figures(self, document: Any) -> Any:
        """What it wrote with --json, as it stands in the JSON of all."""
        if isinstance(document, Mapping) and set(document) == {self.key}:
            document = document[self.key]
        return by_name(document, self.known_by)


def _bench(
    name: str,
    usual: tuple[str, float],
    quick: tuple[str, float],
    *,
    known_by: Sequence[str] = (),
    cpu: Sequence[str] = (),
) -> PlannedBench:
    module = f"bench.{name.replace('-', '_')}"
    large, small = (BenchSize(tuple(words.split()), minutes) for words, minutes in (usual, quick))
    return PlannedBench(name, module, large, small, tuple(known_by), tuple(cpu))


BENCHES: Final = (
    _bench(
        "cost",
        ("--participants 40 --idle 30", 5.5),
        ("--participants 6 --idle 3", 2.0),
        cpu=["*.ours_ms", "cold_start.ours*_s"],
    ),
    _bench("cold-start", ("--times 3", 0.6), ("--times 1", 0.2), cpu=["*.ours_s"]),
    _bench("data-layer", ("", 1.2), ("--each 1 --search 10000", 0.5)),
    _bench("dialogs", ("", 0.2), ("", 0.2)),
    _bench(
        "api",
        ("--participants 16 --messages 12 --streams 200", 2.0),
        ("--participants 4 --messages 4 --streams 40", 1.0),
        cpu=["*_ms"],
    ),
    _bench(
        "assignment",
        ("--runs 60", 0.5),
        ("--runs 5 --people 2000", 0.1),
        known_by=["what"],
        cpu=["*assignment_ms"],
    ),
    _bench(
        "export",
        ("--messages 200000", 2.0),
        ("--messages 10000", 0.9),
        known_by=["name"],
        cpu=["verbatim_*.cpu_s"],
    ),
    _bench("first-word", ("", 0.4), ("--threads 5", 0.2)),
    _bench("imports", ("", 0.8), ("--messages 5000", 0.2), cpu=["cpu_s"]),
    _bench(
        "live",
        ("", 1.1),
        ("--online 50 --seconds 4", 0.5),
        cpu=["idle", "looking"],
    ),
    _bench(
        "load",
        ("--participants 200 --peer", 3.2),
        ("--participants 10 --messages 2 --think 2 --peer", 0.6),
        known_by=["app", "participants"],
        cpu=["verbatim_*.server_cpu"],
    ),
    _bench("long-thread", ("", 1.5), ("--messages 100", 0.5), known_by=["messages"]),
    _bench(
        "page-load",
        ("--loads 200", 1.0),
        ("--loads 100", 0.5),
        cpu=["verbatim.*_ms"],
    ),
    _bench(
        "polling",
        ("--participants 100", 2.9),
        ("--participants 5 --messages 1 --think 2", 0.5),
        known_by=["app"],
        cpu=["*.server_cpu"],
    ),
    _bench(
        "research",
        (f"--threads 20000 --data {SHARED}/study", 2.5),
        (f"--threads 1000 --each 5 --data {SHARED}/study", 0.5),
        known_by=["what"],
    ),
    _bench(
        "room",
        (f"--threads 20000 --data {SHARED}/study", 1.0),
        (f"--threads 1000 --data {SHARED}/study", 0.7),
        known_by=["what"],
        cpu=["*.server_ms"],
    ),
    _bench(
        "room-thread",
        ("", 1.5),
        ("--messages 100 --times 3", 0.4),
        known_by=["messages"],
    ),
    _bench(
        "scale",
        ("--participants 100 --think 8", 2.5),
        ("--participants 10 --messages 2 --think 2", 1.2),
        cpu=["factor"],
    ),
    _bench(
        "semantic",
        ("--messages 20000 --dimension 256", 0.6),
        ("--messages 2000 --searches 5 --dimension 256", 0.2),
        known_by=["what"],
    ),
)
