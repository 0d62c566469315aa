"""The container's files, read as far as they can be without a builder."""

import json
import re
from typing import Any

import yaml

from settings import Settings, variable_name
from tests.deploy.test_nightly_export import ROOT

FOLDER = ROOT / "deploy/container"
LINES = re.sub(r"\\\n\s*", "", (FOLDER / "Containerfile").read_text()).splitlines()
STEPS = [line.split(" ", 1) for line in LINES if line and not line.startswith("#")]
SERVICES: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
KNOWN = {variable_name(name) for name in Settings.model_fields}


def test_every_step_is_one_that_builders_know() -> None:
    """And what it copies, or compiles, is there."""
    known = {"FROM", "COPY", "RUN", "WORKDIR", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL"}
    assert {name for name, _ in STEPS} == known | {"CMD"}
    (compiled,) = re.findall(r"compileall -q ([\w ]+?) &&", "\n".join(LINES))
    assert [name for name in compiled.split() if not (ROOT / name).is_dir()] == []
    assert (ROOT / "requirements.txt").is_file()


def test_it_runs_as_nobody_in_particular() -> None:
    """Not as root, by the server's own command, with a secret and data in no layer."""
    last = dict(STEPS)
    assert last["USER"] == "verbatim"
    assert json.loads(last["CMD"]) == [".venv/bin/python", "-m", "page.serve"]
    assert {".env", "data", ".git"} <= set((ROOT / ".dockerignore").read_text().split())
    names = {one.split("=")[0] for one in last["ENV"].split()}
    assert names <= KNOWN


def test_its_services_hang_together() -> None:
    """Only the proxy is open to others; settings are ours; who is waited for is there."""
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["proxy"]
    given = SERVICES["verbatim"]["environment"]
    assert set(given) - KNOWN == {"FORWARDED_ALLOW_IPS"}
    assert all(waited in SERVICES for one in SERVICES.values() for waited in one.get("depends_on", ()))
    assert "${POSTGRES_PASSWORD:?" in given["VERBATIM_DATABASE_URL"]
    assert int(SERVICES["verbatim"]["stop_grace_period"].rstrip("s")) > 30
