"""A machine of one's own: the project where the how-to puts it, its hosts, its ports, its folders.

test_served.py runs it by `unshare`. The project is read-only there, as it is for the server's account; what
units may write to are folders beside it. When this ends all that it has started ends with it. What it found
stands as JSON in result.json beside the file that it is told.
"""

import fcntl
import json
import os
import shlex
import socket
import ssl
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.deploy.test_nightly_export import PLACE, ROOT, unit

HOST = "study.example.org"
SERVERS = {"verbatim-room.service": 8000, "verbatim@.service": 8001}
# https://man7.org/linux/man-pages/man7/netdevice.7.html
_SIOCSIFFLAGS, _UP_AND_RUNNING = 0x8914, 0x41


def mount(*words: str | Path) -> None:
    """Mount something, in this namespace alone."""
    subprocess.run(["mount", *map(str, words)], check=True)


def make_machine(folder: Path) -> Path:
    """The loopback, the names, and the project in its place.

    Returns:
        The data folder.
    """
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {HOST}\n")
    mount("--bind", hosts, "/etc/hosts")
    mount("-t", "tmpfs", "none", "/srv")
    place, data, files = Path(PLACE), Path("/srv/data"), Path("/srv/files")
    for one in (place, data, files):
        one.mkdir(mode=0o700)
    mount("--bind", ROOT, place)
    mount("-o", "remount,bind,ro", place)
    mount("--bind", files, place / ".files")
    return data


def start_server(name: str, port: int, environment: dict[str, str], log: Path) -> None:
    """By its unit's own command, with what the unit sets."""
    service = unit(name)["Service"]
    sets = dict(one.split("=", 1) for one in service["Environment"].replace("%i", str(port)).split())
    with log.open("wb") as out:
        subprocess.Popen(
            shlex.split(service["ExecStart"]), cwd=PLACE, env=environment | sets, stdout=out, stderr=out
        )


def start_caddy(lines: list[str], folder: Path, log: Path) -> Path:
    """By the page's own line, with an authority of its own: nobody else's can be reached.

    Returns:
        That authority's certificate.
    """
    (line,) = (one for one in lines if one.startswith("sed "))
    made = folder / "Caddyfile"
    said = line.replace("YOUR.HOST", HOST).replace("/etc/caddy/Caddyfile", str(made))
    subprocess.run(said, shell=True, cwd=PLACE, check=True)
    made.write_text("{\n\tlocal_certs\n\tskip_install_trust\n\tadmin off\n}\n" + made.read_text())
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "PATH": os.environ["PATH"]}
    with log.open("wb") as out:
        command = [f"{PLACE}/.venv/bin/caddy", "run", "--config", str(made), "--adapter", "caddyfile"]
        subprocess.Popen(command, env=home, stdout=out, stderr=out)
    return folder / "caddy/pki/authorities/local/root.crt"


def wait_for(address: str, context: ssl.SSLContext | None = None) -> None:
    """Until it answers 200."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5, context=context):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(address)


def asked(path: str, context: ssl.SSLContext) -> dict[str, Any]:
    """What a browser gets at the public address."""
    with urllib.request.urlopen(f"https://{HOST}{path}", timeout=10, context=context) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return {"status": answer.status, "headers": headers}


def main(told: Path) -> None:
    """Do what the page says, and write down what came of it."""
    given = json.loads(told.read_text())
    folder = told.parent
    data = make_machine(folder)
    environment = {"PATH": os.environ["PATH"], "VERBATIM_DATA_DIR": str(data), **given["settings"]}
    # In the order of the page: the database first.
    ours = [one for one in given["lines"] if "cli.py" in one and not one.endswith("doctor")]
    said = {}
    for line in ours:
        command = shlex.split(line.removeprefix("runuser -u verbatim -- "))
        done = subprocess.run(command, cwd=PLACE, env=environment, capture_output=True, text=True)
        said[line] = done.stdout + done.stderr
        if done.returncode:
            sys.exit(f"{line}\n{said[line]}")
    for name, port in SERVERS.items():
        start_server(name, port, environment, folder / f"{port}.log")
    authority = start_caddy(given["lines"], folder, folder / "caddy.log")
    for port in SERVERS.values():
        wait_for(f"http://127.0.0.1:{port}/api/v1/serving")
    context = ssl.create_default_context(cafile=str(authority))
    wait_for(f"https://{HOST}/api/v1/ready", context)
    (doctor,) = (one for one in given["lines"] if one.endswith("doctor"))
    command = [*shlex.split(doctor.removeprefix("runuser -u verbatim -- ")), "--json"]
    found = subprocess.run(
        command,
        cwd=PLACE,
        env=environment | {"SSL_CERT_FILE": str(authority)},
        capture_output=True,
        text=True,
    )
    result = {
        "said": said,
        "doctor": found.stdout,
        "page": asked("/login", context),
        "room": asked("/research/sign-in", context),
        "read_only": options_of(PLACE) == "ro",
    }
    (folder / "result.json").write_text(json.dumps(result))


def options_of(place: str) -> str:
    """How a folder is mounted."""
    lines = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return next(words[3].split(",")[0] for words in lines if words[1] == place)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
