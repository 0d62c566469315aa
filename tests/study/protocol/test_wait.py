"""A wait lasts for its time, by the clock that is given, and takes nothing from who waits."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from study.loader import check_study, load_study
from study.protocol import machine
from study.protocol.definition import Protocol
from study.protocol.machine import Position, TooEarly, Waited
from tests.study.protocol.waiting import with_wait

BEGIN = datetime(2026, 11, 30, 12, tzinfo=UTC)


def waiting(folder: Path, **wait: str) -> tuple[Protocol, Position]:
    """Somebody who has just come to a wait."""
    protocol = load_study(with_wait(folder, **wait)).definition.protocol
    assert protocol is not None
    return protocol, Position("pause", 4, 1, BEGIN, BEGIN, BEGIN)


@pytest.mark.parametrize(
    "wait",
    [{"lasts": "25 minutes"}, {"until": "2026-11-30T13:25+01:00"}],
)
def test_a_wait_is_left_when_its_time_is_over(tmp_path: Path, wait: dict[str, str]) -> None:
    """A second before it says what lacks; at its end it leads on."""
    protocol, position = waiting(tmp_path, **wait)
    early, over = (BEGIN + timedelta(seconds=seconds) for seconds in (1499, 1500))
    with pytest.raises(TooEarly) as told:
        machine.move(protocol, position, 4, Waited(early), early)
    assert told.value.seconds == 1
    assert machine.move(protocol, position, 4, Waited(over), over).position.stage == "talk"


@pytest.mark.parametrize("comes_back", ["restart_stage", "end"])
def test_who_waits_is_not_away(tmp_path: Path, comes_back: str) -> None:
    """Whoever waits for longer than the study's time away neither begins anew nor ends by it."""
    protocol, position = waiting(tmp_path, lasts="25 minutes")
    strict = protocol.model_copy(update={"comes_back": comes_back})
    assert machine.come_back(strict, position, BEGIN + timedelta(minutes=25)) is None


def test_the_time_of_the_whole_runs_on_in_a_wait(tmp_path: Path) -> None:
    """Whoever comes back to a wait after it has run out has ended."""
    protocol, position = waiting(tmp_path, lasts="25 minutes")
    back = machine.come_back(protocol, position, BEGIN + timedelta(minutes=60))
    assert back is not None
    assert back.position.ending == "timed_out"


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        ({}, "needs either 'lasts' or 'until'"),
        ({"lasts": "5 minutes", "until": "2026-11-30T13:25+01:00"}, "needs either 'lasts' or 'until'"),
        ({"until": "2026-11-30T13:25"}, "a day and a time with its zone"),
        ({"until": "tomorrow"}, "a day and a time with its zone"),
        ({"lasts": "5"}, "a time with its unit"),
        ({"lasts": "60 minutes"}, "lasts as long as time.whole"),
    ],
)
def test_a_wait_that_cannot_be_is_refused(tmp_path: Path, wait: dict[str, str], said: str) -> None:
    """The complaint says what is wrong, and how it is written."""
    [complaint] = check_study(with_wait(tmp_path, **wait))
    assert said in complaint


def test_a_wait_in_which_places_are_lost_is_refused(tmp_path: Path) -> None:
    """Who holds a place would give no sign for as long as it is held."""
    folder = with_wait(tmp_path, lasts="45 minutes")
    told = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    told["protocol"]["conditions"] = {"between": {"appeal": {"facts": {}, "stories": {}}}}
    told["protocol"]["assign"] = {"at": "pause", "target": 4, "held_for": "45 minutes"}
    told["protocol"]["endings"]["full"] = {"text": "texts/thanks.md"}
    (folder / "study.yaml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    assert any("assign.held_for" in complaint for complaint in check_study(folder))
