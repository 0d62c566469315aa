"""docs/how-to/serve-500-people.md: what can be done here is done as it stands there; what it names exists."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from cli import cli
from settings import load_settings
from tests.deploy.test_nightly_export import ROOT, UNITS

PAGE = (ROOT / "docs/how-to/serve-500-people.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines() if line
]


def test_its_settings_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of .env as they stand: PostgreSQL by its socket, and the public address."""
    (lines,) = re.findall(r"```ini\n(.*?)```", PAGE, re.S)
    for name in ("VERBATIM_DATABASE_URL", "VERBATIM_DATA_DIR", "VERBATIM_PUBLIC_URL", "VERBATIM_STUDY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text(lines)
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.sqlite_folder is None
    assert settings.origins == ("https://study.example.org",)


def test_every_file_and_unit_that_it_names_is_there() -> None:
    """What is copied from deploy/, and what systemd is told to start."""
    for line in COMMANDS:
        for word in shlex.split(line):
            if word.startswith("deploy/"):
                assert list(ROOT.glob(word)), word
    told = [line for line in COMMANDS if re.match(r"systemctl (enable|start)", line)]
    assert len(told) >= 3
    for line in told:
        for name in line.split()[2:]:
            kind = re.sub(r"@\d+", "@", name)
            assert [one for one in (kind, f"{kind}.service") if (UNITS / one).is_file()], name


def test_every_command_of_ours_is_there() -> None:
    """By the name that stands on the page."""
    known = set(getattr(typer.main.get_command(cli), "commands", {}))
    named = {found for line in COMMANDS for found in re.findall(r"cli\.py (\w+)", line)}
    assert named == {"check", "migrate", "researcher", "doctor"}
    assert named <= known


def test_the_account_and_its_folders_are_made(tmp_path: Path) -> None:
    """By the page's own lines, in a root of their own; where systemd is."""
    lines = [line for line in COMMANDS if "sysusers" in line or "tmpfiles" in line]
    assert len(lines) == 4
    # An empty Debian has no /etc/sysusers.d.
    for name in ("srv/verbatim", "var/backups"):
        (tmp_path / name).mkdir(parents=True)
    if shutil.which("systemd-sysusers") is None:
        return
    for line in lines:
        words = shlex.split(line)
        if words[0] == "install":
            words = [f"{tmp_path}{word}" if word.startswith("/etc/") else word for word in words]
        else:
            words.insert(1, f"--root={tmp_path}")
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    assert re.search(r"^verbatim:.*:/srv/verbatim:", (tmp_path / "etc/passwd").read_text(), re.M)
    for folder in ("srv/verbatim/data", "var/backups/verbatim"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700
