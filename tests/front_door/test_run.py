import json
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.front_door.project import Project, make_project

OLD_PYTHON = "#!/bin/sh\nexit 1\n"
FULL_DISK = "#!/bin/sh\nprintf 'Filesystem 1024-blocks Used Available\\n/dev/x 9 9 10240 99%% /\\n'\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh machine on which Verbatim was just unpacked."""
    return make_project(tmp_path)


@pytest.fixture(params=["sh", "bash"])
def shell(request: pytest.FixtureRequest) -> str:
    """Both shells that a machine may have as /bin/sh."""
    return str(request.param)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_first_start_prepares_everything(project: Project, shell: str) -> None:
    """From nothing: packages, data folder and secret are made, the address printed, the app started."""
    ended = project.run(shell, "scripts/run", "--port", "23011")
    assert ended.returncode == 0, ended.stderr
    assert "http://127.0.0.1:23011" in ended.stderr
    assert json.loads(ended.stdout)["arguments"] == ["--host", "127.0.0.1", "--port", "23011"]
    assert (project.folder / "data/secret").stat().st_mode & 0o777 == 0o600
    assert "--require-hashes" in project.asked_of_uv("pip install")[0]


def test_the_second_start_installs_nothing(project: Project) -> None:
    """Packages are installed once for each state of the lock."""
    project.run("sh", "scripts/run", "--port", "23011")
    project.run("sh", "scripts/run", "--port", "23011")
    assert len(project.asked_of_uv("pip install")) == 1


def test_another_lock_is_installed(project: Project) -> None:
    """After an update of Verbatim the next start brings the packages along."""
    project.run("sh", "scripts/run", "--port", "23011")
    (project.folder / "requirements.txt").write_text("# another\n", encoding="utf-8")
    project.run("sh", "scripts/run", "--port", "23011")
    assert len(project.asked_of_uv("pip install")) == 2


def test_an_installation_that_was_cut_off_is_made_again(project: Project) -> None:
    """Only packages that were installed to the end count as installed."""
    project.uv(pip="exit 1")
    assert project.run("sh", "scripts/run", "--port", "23011").returncode == 12
    project.uv()
    assert project.run("sh", "scripts/run", "--port", "23011").returncode == 0
    assert len(project.asked_of_uv("pip install")) == 2


def test_the_first_account_of_the_room_is_made(project: Project) -> None:
    """Before the page is served, so that its password is the last thing that scrolls by."""
    ended = project.run("sh", "scripts/run", "--port", "23012")
    assert ended.returncode == 0, ended.stderr
    assert (project.folder / "cli.log").read_text() == "researcher first"


def test_a_proxy_that_no_model_can_be_asked_by_gets_one_sentence(project: Project) -> None:
    """What GNOME puts into ALL_PROXY stops the start with the repair, and not with a traceback."""
    ended = project.run(
        "sh", "scripts/run", "--port", "23011", OPENAI_API_KEY="k-1", ALL_PROXY="socks://127.0.0.1:1080/"
    )
    assert ended.returncode == 11
    assert _last_line(ended.stderr).startswith("ALL_PROXY of the environment cannot be used")
    assert "Traceback" not in ended.stderr


def test_it_starts_from_any_folder(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The data lands in Verbatim's folder wherever the researcher stands."""
    elsewhere = Project(tmp_path_factory.mktemp("elsewhere"), project.path)
    ended = elsewhere.run("sh", str(project.folder / "scripts/run"), "--port", "23011")
    assert ended.returncode == 0, ended.stderr
    assert (project.folder / "data/secret").exists()


def test_chainlits_own_way_is_offered(project: Project, shell: str) -> None:
    """--chainlit starts the same app by `chainlit run`."""
    ended = project.run(shell, "scripts/run", "--chainlit", "--host=127.0.0.1", "--port=23011")
    assert ended.stdout == "chainlit run app.py --headless --host 127.0.0.1 --port 23011\n"


def test_the_public_address_is_told(project: Project, shell: str) -> None:
    """Beside the one that the proxy asks; host and port are read rightly beside it."""
    address = "https://lab.example.org/study"
    ended = project.run(shell, "scripts/run", "--port", "23011", VERBATIM_PUBLIC_URL=address)
    assert json.loads(ended.stdout)["arguments"] == ["--host", "127.0.0.1", "--port", "23011"]
    assert f"People reach it at {address}" in ended.stderr


def test_help_needs_nothing(project: Project, shell: str) -> None:
    """The help is there before anything is installed, and names every option."""
    ended = project.run(shell, "scripts/run", "--help")
    assert ended.returncode == 0
    assert all(option in ended.stdout for option in ("--port", "--host", "--local-model", "--chainlit"))
    assert not (project.folder / ".venv").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--prot", "8000"], "--prot is not an option of scripts/run"),
        (["--port"], "--port needs a value"),
        (["--port", "http"], "The port is a number"),
        (["--port", "65536"], "The port is a number"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid is no address of this machine"),
    ],
)
def test_a_wrong_option_gets_one_sentence(project: Project, arguments: list[str], sentence: str) -> None:
    """The sentence names the option and how to write it."""
    ended = project.run("sh", "scripts/run", *arguments)
    assert ended.returncode in (11, 12)
    assert sentence in _last_line(ended.stderr)
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_gets_one_sentence(project: Project, shell: str, taken_port: int) -> None:
    """It names the port and another to try."""
    ended = project.run(shell, "scripts/run", "--port", str(taken_port))
    assert ended.returncode == 12
    assert f"Port {taken_port} on 127.0.0.1 cannot be used" in _last_line(ended.stderr)
    assert f"--port {taken_port + 1}" in _last_line(ended.stderr)


def test_old_python_gets_one_sentence(project: Project, shell: str) -> None:
    """A machine whose every Python is too old, or a version manager's stand-in, is told what it needs."""
    for name in ("python3.11", "python3.12", "python3", "python"):
        project.tool(name, OLD_PYTHON)
    ended = project.run(shell, "scripts/run")
    assert ended.returncode == 12
    assert "needs Python 3.11 or newer" in _last_line(ended.stderr)
    assert len(ended.stderr.splitlines()) == 1


def test_a_newer_python_beside_an_old_one_is_found(project: Project) -> None:
    """The first Python that is new enough serves, whatever it is called."""
    (project.path / "python3.11").rename(project.path / "python3")
    project.tool("python3.12", OLD_PYTHON)
    assert project.run("sh", "scripts/run", "--port", "23011").returncode == 0


def test_a_full_disk_gets_one_sentence(project: Project, shell: str) -> None:
    """It says how much is free and how much is needed, before anything is half installed."""
    project.tool("df", FULL_DISK)
    ended = project.run(shell, "scripts/run")
    assert ended.returncode == 12
    assert "is full: 10 MB are free, 2000 MB are needed" in _last_line(ended.stderr)


def test_a_disk_that_fills_up_gets_one_sentence(project: Project) -> None:
    """The disk may fill while the packages are unpacked."""
    project.uv(pip="echo 'No space left on device (os error 28)' >&2; exit 2")
    ended = project.run("sh", "scripts/run")
    assert "is full: the packages need 2 GB" in _last_line(ended.stderr)


@pytest.mark.parametrize(
    "complaint",
    [
        "error: error sending request for url (...): dns error: failed to lookup address information",
        "ERROR: Could not install packages due to an OSError: Temporary failure in name resolution",
        "WARNING: Retrying after connection broken by NewConnectionError: Network is unreachable",
    ],
)
def test_no_network_gets_one_sentence(project: Project, complaint: str) -> None:
    """What uv or pip says of a machine without a network becomes what to do about it."""
    project.uv(pip=f"echo '{complaint}' >&2; exit 2")
    ended = project.run("sh", "scripts/run")
    assert ended.returncode == 12
    assert "no way to the package index" in _last_line(ended.stderr)


def test_another_failure_shows_its_reason(project: Project) -> None:
    """What the front door does not know, such as a wrong hash, it hands on."""
    project.uv(pip="echo 'Hash mismatch for wheel' >&2; exit 2")
    ended = project.run("sh", "scripts/run")
    assert "Hash mismatch for wheel" in ended.stderr
    assert "could not be installed" in _last_line(ended.stderr)


def test_a_read_only_folder_gets_one_sentence(shell: str) -> None:
    """Verbatim in a folder of somebody else's says that it cannot write there."""
    # Not pytest's own folder: that is closed to other accounts, and root may write anywhere.
    with tempfile.TemporaryDirectory() as name:
        project = make_project(Path(name))
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", shell]
            _let_in(Path(name))
        else:
            command = [shell]
        Path(name).chmod(0o555)
        ended = project.run(command[0], *command[1:], "scripts/run")
        Path(name).chmod(0o755)
    assert ended.returncode == 12
    assert f"The folder {name} cannot be written to" in _last_line(ended.stderr)
    assert len(ended.stderr.splitlines()) == 1


def test_a_file_in_place_of_the_data_folder_gets_one_sentence(project: Project) -> None:
    """The setting that moves the folder is named."""
    (project.folder / "data").touch()
    ended = project.run("sh", "scripts/run")
    assert ended.returncode == 12
    assert "VERBATIM_DATA_DIR" in _last_line(ended.stderr)


def test_a_weak_secret_gets_one_sentence(project: Project, shell: str) -> None:
    """The start is refused, and the secret not shown."""
    ended = project.run(shell, "scripts/run", VERBATIM_SECRET="hunter2")
    assert ended.returncode == 11
    assert "VERBATIM_SECRET is wrong: it is shorter than 32 characters" in _last_line(ended.stderr)
    assert "hunter2" not in ended.stderr


def test_a_local_model_is_connected_and_ended(project: Project, shell: str) -> None:
    """--local-model installs the extra, waits for it, points the app at it and ends both together."""
    ended = project.run(shell, "scripts/run", "--local-model", "--port", "23011")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["OPENAI_BASE_URL"].startswith("http://127.0.0.1:")
    assert told["VERBATIM_MODEL"]
    assert told["OPENAI_API_KEY"]
    assert "--no-deps" in project.asked_of_uv("pip install")[1]
    with pytest.raises(ProcessLookupError):
        os.kill(int((project.folder / "model.pid").read_text()), 0)


def test_a_local_model_that_cannot_start_gets_one_sentence(project: Project) -> None:
    """The app is not started without the model that was asked for."""
    (project.folder / "agent/local_model.py").write_text("raise SystemExit('no model here')\n")
    ended = project.run("sh", "scripts/run", "--local-model", "--port", "23011")
    assert ended.returncode == 12
    assert "no model here" in ended.stderr
    assert "The local model did not start" in _last_line(ended.stderr)


def _last_line(text: str) -> str:
    return text.rstrip().splitlines()[-1]


def _let_in(folder: Path) -> None:
    folder.chmod(0o755)
    for place in folder.rglob("*"):
        if not place.is_symlink():
            place.chmod(0o755)
