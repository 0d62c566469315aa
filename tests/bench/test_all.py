"""All benches together: one JSON, a failing one named, and a later run beside an earlier."""

import json
import re
from pathlib import Path

import pytest

from bench.all import main
from bench.plan import BENCHES, MINUTES, BenchSize, PlannedBench


def tiny(name: str, *arguments: str) -> PlannedBench:
    """A bench that takes no time; see tests/bench/tiny.py."""
    size = BenchSize(arguments, 0.1)
    return PlannedBench(name, "tests.bench.tiny", size, size, known_by=("what",), cpu=("*.ours_ms",))


def test_one_json_has_the_figures_of_all(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each bench's rows by their names, below the bench's own, and how they were made."""
    out = tmp_path / "all.json"
    assert main(["--json", str(out)], [tiny("first-one", "works", "2"), tiny("second", "works", "3")]) == 0
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["first_one"] == {"a_page_first_row": {"ours_ms": 2.0}}
    assert written["second"] == {"a_page_first_row": {"ours_ms": 3.0}}
    assert written["made"].keys() >= {"version", "python", "cores", "load", "at"}
    told = capfd.readouterr()
    assert told.out.count("its own table") == 2
    assert "first-one, 1 of 2: some 0.1 min; then second. All that is left: some 0.2 min." in told.err


@pytest.mark.parametrize(
    ("how", "error"),
    [("fails", "RuntimeError: the server was not there"), ("silent", "it ended with 7 and said nothing")],
)
def test_a_bench_that_fails_is_named_with_its_error(
    how: str, error: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The others are measured all the same, and the exit code says that one failed."""
    out = tmp_path / "all.json"
    assert main(["--json", str(out)], [tiny("broken", how), tiny("whole", "works", "3")]) == 1
    written = json.loads(out.read_text(encoding="utf-8"))
    assert "broken" not in written
    assert written["whole"] == {"a_page_first_row": {"ours_ms": 3.0}}
    assert written["made"]["runs"]["broken"]["error"] == error
    assert re.search(rf"failed: broken: \d+ s: {error}\n", capfd.readouterr().out)


def test_a_missed_limit_is_no_failure(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its figures are kept, and the exit code tells."""
    out = tmp_path / "all.json"
    assert main(["--json", str(out)], [tiny("slow", "misses", "9")]) == 1
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["slow"] == {"a_page_first_row": {"ours_ms": 9.0}}
    assert "missed a limit: slow" in capfd.readouterr().out


def test_a_later_run_stands_beside_an_earlier(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each figure with its ratio, and what costs more than a tenth more is marked."""
    out = tmp_path / "all.json"
    benches = [tiny("same", "works", "2"), tiny("more", "works", "3")]
    main(["--json", str(out)], benches)
    earlier = json.loads(out.read_text(encoding="utf-8"))
    earlier["more"]["a_page_first_row"]["ours_ms"] = 2.0
    out.write_text(json.dumps(earlier), encoding="utf-8")
    assert main(["--json", str(out), "--against", str(out)], benches) == 0
    told = capfd.readouterr().out
    assert "1.00 x" in told
    assert "worse: more.a_page_first_row.ours_ms, 1.50 x" in told
    assert "worse: same" not in told
    assert "1 of 2 figures of processor time are more than a tenth longer" in told


def test_other_sizes_are_not_compared(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A small run beside a large one would only look faster."""
    out = tmp_path / "all.json"
    main(["--json", str(out)], [tiny("one", "works", "2")])
    assert main(["--against", str(out)], [tiny("one", "works", "9")]) == 0
    assert "one: run at other sizes (works 2), so not compared.\n0 of 0 figures" in capfd.readouterr().out


def test_only_those_that_are_named_are_run(tmp_path: Path) -> None:
    """In the order of the command line."""
    out = tmp_path / "all.json"
    benches = [tiny("broken", "fails"), tiny("one", "works", "1"), tiny("other", "works", "2")]
    assert main(["--only", "other,one", "--json", str(out)], benches) == 0
    assert list(json.loads(out.read_text(encoding="utf-8"))) == ["other", "one", "made"]


def test_an_unknown_bench_is_answered_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is run."""
    with pytest.raises(SystemExit):
        main(["--only", "costs"])
    assert "there is no bench costs; there are cost, cold-start, data-layer" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "why"), [("{}", "it lacks `made`"), ("{", "cannot be read")])
def test_a_file_that_is_no_earlier_run_is_refused(
    words: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before a run of 25 minutes, not after it."""
    earlier = tmp_path / "earlier.json"
    earlier.write_text(words, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["--against", str(earlier)], [tiny("one", "works", "1")])
    assert why in capsys.readouterr().err


def test_the_sizes_fit_into_the_stated_time() -> None:
    """What each takes on two idle cores adds up to no more than is promised."""
    assert sum(bench.usual.minutes for bench in BENCHES) <= MINUTES
    assert sum(bench.quick.minutes for bench in BENCHES) <= MINUTES / 2


def test_every_bench_is_among_all() -> None:
    """A bench that `scripts/bench` knows is one that all runs."""
    tree = Path(__file__).parents[2]
    usage = (tree / "scripts/bench").read_text(encoding="utf-8")
    words = next(line for line in usage.splitlines() if "what=" in line).partition(")")[0]
    assert {word.strip() for word in words.split("|")} == {"all", *(bench.name for bench in BENCHES)}
