"""docs/how-to/serve-500-people.md, walked: its commands on a machine of their own, from settings to `doctor`.

Processes by the units' commands, Caddy by the page's line, TLS by Caddy's own authority. What needs an empty
Debian (apt, systemd as the first process) is not walked here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.deploy.in_namespace import HOST
from tests.deploy.test_how_to_serve import COMMANDS, PAGE, ROOT
from tests.postgres import PostgresServer

# Root keeps its own account, for the socket of the tests' PostgreSQL is another's.
_AS_ROOT = [] if os.geteuid() == 0 else ["--map-root-user"]
_ALONE = ["unshare", *_AS_ROOT, "--net", "--mount", "--pid", "--fork", "--kill-child"]
# Of the rest it complains rightly: no backup was made, and the tests' PostgreSQL forgoes safety for speed.
_SEEN_THROUGH_THE_PROXY = ("certificate", "public address", "proxy headers", "WebSocket")


def lacks() -> str:
    """What is missing here; "" when nothing is."""
    if shutil.which("unshare") is None or subprocess.run([*_ALONE, "true"], capture_output=True).returncode:
        return "namespaces (unshare) are not to be had here"
    for path in (".venv/bin/python", ".venv/bin/caddy"):
        if not (ROOT / path).exists():
            return f"{path} is not there: scripts/test makes it"
    return ""


@pytest.fixture(scope="module")
def served(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of the page's commands; nothing where they cannot be walked, and the report says why."""
    if reason := lacks():
        print(reason)
        return {}
    folder = tmp_path_factory.mktemp("served")
    (ROOT / ".files").mkdir(exist_ok=True)
    name = postgres_server.make_database("template0")
    (lines,) = re.findall(r"```ini\n(.*?)```", PAGE, re.S)
    settings = dict(line.split("=", 1) for line in lines.splitlines())
    assert settings["VERBATIM_PUBLIC_URL"] == f"https://{HOST}"
    # The page's database is PostgreSQL's by its socket; so is this, another's.
    settings["VERBATIM_DATABASE_URL"] = postgres_server.url_of(name)
    told = folder / "told.json"
    told.write_text(json.dumps({"settings": settings, "lines": COMMANDS}))
    try:
        command = [*_ALONE, sys.executable, "-m", "tests.deploy.in_namespace", str(told)]
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)
        logs = "".join(path.read_text()[-2000:] for path in folder.glob("*.log"))
        assert done.returncode == 0, done.stderr + logs
        found: dict[str, Any] = json.loads((folder / "result.json").read_text())
        return found
    finally:
        postgres_server.drop_database(name)


def test_each_command_before_the_start_does_its_work(served: dict[str, Any]) -> None:
    """The study is checked, the database made, the researchers' first account named with its address."""
    if not served:
        return
    assert len(served["said"]) == 3
    words = "".join(served["said"].values())
    assert "All is well" in words
    assert f"https://{HOST}/research" in words


def test_doctor_sees_the_study_through_the_proxy(served: dict[str, Any]) -> None:
    """Over TLS, with an authority that the machine trusts: certificate, address, headers and WebSocket."""
    if not served:
        return
    found = {one["of"]: one for one in json.loads(served["doctor"])["findings"]}
    assert {of: found[of]["standing"] for of in _SEEN_THROUGH_THE_PROXY} == dict.fromkeys(
        _SEEN_THROUGH_THE_PROXY, "ok"
    ), found
    assert found["database"]["says"].startswith("PostgreSQL")


@pytest.mark.parametrize("which", ["page", "room"])
def test_people_get_in_over_https(served: dict[str, Any], which: str) -> None:
    """Participants and researchers, and browsers are told to stay with HTTPS."""
    if not served:
        return
    assert served[which]["status"] == 200
    assert "max-age" in served[which]["headers"]["strict-transport-security"]


def test_the_server_needs_no_right_to_write_to_its_own_files(served: dict[str, Any]) -> None:
    """They belong to root, and could not be changed while it served."""
    if not served:
        return
    assert served["read_only"]
