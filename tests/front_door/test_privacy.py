"""What a process of ours says when things break: to its log, by any library, and as it dies."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bootstrap import _close_to_others, _without_secrets
from settings import load_settings
from study.masking import hold
from tests.house.tree import ROOT

KEY = "sk-" + "swordfish-Ab3dEfGh1jKlMnOpQrStUvWxYz"
PASSWORD = "herring-und-Zimt-4711"
# Each line says all that is secret in another way.
PROGRAM = """
import asyncio, logging, sys, threading, warnings
from privacy import keep_private
keep_private()
from settings import load_settings
settings = load_settings()
from bootstrap import configure_logging
configure_logging(settings)
import structlog
key, url = settings.openai_api_key.get_secret_value(), settings.database_url
said = f"Illegal header value b'Bearer {key}\\\\r' for {url}"

class Odd:
    def __repr__(self):
        return said

def fail():
    raise ConnectionError(said)

log = structlog.get_logger()
log.error("by_structlog", error=said, deep={"a": [said, Odd()]}, odd=Odd(), n=7)
logging.basicConfig(stream=sys.stdout)
logging.error("by logging: %s", said)
try:
    fail()
except ConnectionError:
    log.exception("traceback")
    logging.exception("traceback of logging")
warnings.warn(said)
print("printed", said, file=sys.stderr)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
async def never_awaited():
    asyncio.get_running_loop().create_future().set_exception(ConnectionError(said))
asyncio.run(never_awaited())
fail()
"""


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_nothing_that_a_process_says_holds_a_secret(tmp_path: Path, log_format: str) -> None:
    """By structlog and logging, in tracebacks, warnings and prints, of threads and tasks, and at its end."""
    environment = {
        "PATH": os.environ["PATH"],
        "OPENAI_API_KEY": KEY + "\r\n",
        "VERBATIM_DATABASE_URL": f"postgresql+asyncpg://ada:{PASSWORD}@host/study",
        "VERBATIM_LOG_FORMAT": log_format,
        "PYTHONPATH": str(ROOT),
    }
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert told.returncode == 1
    said = told.stdout + told.stderr
    # Ten ways, and the causes of three.
    assert said.count("Illegal header value b'***' for postgresql+asyncpg://ada:***@host") >= 8
    assert said.count("Traceback") >= 4
    for part in ("swordfish", "herring", "Zimt"):
        assert part not in said
    if log_format == "json":
        entry = json.loads(next(line for line in told.stderr.splitlines() if "by_structlog" in line))
        assert (entry["n"], entry["error"]) == (7, entry["deep"]["a"][0])


def test_what_a_process_makes_is_its_accounts_alone(tmp_path: Path) -> None:
    """Whatever umask it was started with; its children too."""
    program = (
        "import os, subprocess, sys; os.umask(0); from privacy import keep_private; keep_private();"
        "open('one', 'w').close(); os.mkdir('two'); subprocess.run(['touch', 'three'])"
    )
    subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True
    )
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"one": 0o600, "two": 0o700, "three": 0o600}


def test_a_file_of_keys_that_others_may_read_is_named_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the repair; a closed one is no news, and neither is a data folder that is ours alone."""
    monkeypatch.chdir(tmp_path)
    env = tmp_path / ".env"
    env.write_text("VERBATIM_PORT=8001\n")
    (tmp_path / "data").mkdir(mode=0o700)
    told = []
    for mode in (0o644, 0o600):
        env.chmod(mode)
        with capture_logs() as logs:
            _close_to_others(load_settings())
        told.append([entry["repair"] for entry in logs])
    sentence = "Other accounts of this machine may open .env (mode 644), which may hold keys."
    assert told == [[f"{sentence} Close it: chmod go= .env"], []]


def test_an_entry_of_the_log_is_masked_before_it_is_written() -> None:
    """Wherever the log goes to: each value as it stands or as it would be shown; numbers stay numbers."""
    hold(KEY)
    entry = {"event": KEY, "deep": {"a": [KEY, 1]}, "odd": ConnectionError(KEY), "n": 7, "none": None}
    told = dict(_without_secrets(None, "", entry))
    assert told == {
        "event": "***", "deep": {"a": ["***", 1]}, "odd": "ConnectionError('***')", "n": 7, "none": None
    }  # fmt: skip


def test_nothing_that_is_logged_commands_the_terminal() -> None:
    """The words of a provider, a participant or a traceback are shown, and clear or rename nothing."""
    told = _without_secrets(None, "", {"event": "x", "said": "a\x1b[2Jb\r\n\tc", "in": ["\x1b"], "n": 1})
    assert told["said"] == "a\ufffd[2Jb\ufffd\n\tc"
    assert told["n"] == 1
