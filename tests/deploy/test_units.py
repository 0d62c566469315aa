"""The units that serve a study: of one piece, read by systemd where it is, closed as the export's."""

import getpass
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.test_nightly_export import PLACE, ROOT, UNITS, unit

SERVERS = ("verbatim.service", "verbatim@.service", "verbatim-room.service")
# What systemd 252 says of verbatim.service; 0 is the safest.
MOST_EXPOSED = 2.1


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_watched_and_given_time(name: str) -> None:
    """It is started anew when it is deaf or dead, and not killed before its replies have ended."""
    service = unit(name)["Service"]
    assert service["ExecStart"] == f"{PLACE}/.venv/bin/python -m page.serve"
    assert (service["Type"], service["Restart"], service["KillMode"]) == ("notify", "always", "mixed")
    assert int(service["WatchdogSec"]) > 0
    drain = re.search(r"VERBATIM_DRAIN_S=(\d+)", service["Environment"])
    assert drain
    # uvicorn's five seconds for open answers, and as many for the journal and the database.
    assert int(service["TimeoutStopSec"]) >= int(drain[1]) + 10


def test_each_process_has_its_port_and_its_side() -> None:
    """Participants' by the name of the instance, researchers' a fixed one; both end with the target."""
    pages, room = unit("verbatim@.service"), unit("verbatim-room.service")
    assert "VERBATIM_PORT=%i VERBATIM_SERVES=page" in pages["Service"]["Environment"]
    assert "VERBATIM_PORT=8000 VERBATIM_SERVES=room" in room["Service"]["Environment"]
    assert pages["Unit"]["PartOf"] == room["Unit"]["PartOf"] == "verbatim.target"
    assert pages["Install"]["WantedBy"] == room["Install"]["WantedBy"] == "verbatim.target"


@pytest.mark.parametrize("name", [*SERVERS, "verbatim-backup.service"])
def test_a_unit_is_as_closed_as_the_export(name: str) -> None:
    """Each line of hardening of the export's unit stands in each other one."""
    export, other = unit("verbatim-export.service")["Service"], unit(name)["Service"]
    own = {"Type", "ExecStart", "TimeoutStartSec", "Nice", "IOSchedulingClass", "ReadWritePaths"}
    for key in set(export) - own:
        assert other.get(key) == export[key], key


def test_a_backup_that_failed_deletes_none() -> None:
    """Old ones go after a new one is whole: a line of its own, which systemd runs only then."""
    service = unit("verbatim-backup.service")["Service"]
    assert "cli.py backup" in service["ExecStart"]
    assert service["ExecStartPost"].startswith("/usr/bin/find /var/backups/verbatim -mindepth 1 -maxdepth 1")
    assert unit("verbatim-backup.timer")["Timer"]["Persistent"] == "true"


def test_what_units_write_to_is_made() -> None:
    """By tmpfiles.d, for the account that sysusers.d makes, closed to others."""
    made = (ROOT / "deploy/tmpfiles.d/verbatim.conf").read_text()
    for name in (*SERVERS, "verbatim-backup.service"):
        for folder in unit(name)["Service"]["ReadWritePaths"].split():
            assert f"d {folder.lstrip('-')} 0700 verbatim verbatim -\n" in made
    assert re.search(r"^u verbatim - ", (ROOT / "deploy/sysusers.d/verbatim.conf").read_text(), re.M)


def test_systemd_reads_them(tmp_path: Path) -> None:
    """Without a word of complaint, and finds the server's little exposed; where there is one."""
    if shutil.which("systemd-analyze") is None:
        return
    for path in UNITS.iterdir():
        words = path.read_text().replace(f"{PLACE}/.venv/bin/python", sys.executable)
        name = path.name.replace("@.", "@8001.")
        (tmp_path / name).write_text(words.replace("=verbatim\n", f"={getpass.getuser()}\n"))
    names = [str(path) for path in sorted(tmp_path.iterdir())]
    read = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, timeout=60
    )
    assert [line for line in read.stderr.splitlines() if "verbatim" in line] == []
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", str(tmp_path / "verbatim.service")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    level = re.search(r"exposure level for verbatim.service: ([\d.]+)", rated.stdout)
    assert level, rated.stderr
    assert float(level[1]) <= MOST_EXPOSED
