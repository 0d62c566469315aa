"""The examples for proxies: read by the proxy where it is there, and of one piece with the units."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.test_nightly_export import ROOT

DEPLOY = ROOT / "deploy"
ONE = ("caddy/one-process.Caddyfile", "nginx/one-process.conf", "haproxy/one-process.cfg")
SEVERAL = (
    "caddy/several-processes.Caddyfile",
    "nginx/several-processes.conf",
    "haproxy/several-processes.cfg",
)
PORT = re.compile(r"127\.0\.0\.1:(\d+)")


def check(command: list[str], folder: Path) -> None:
    """Let a proxy read its file."""
    home = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    read = subprocess.run(command, capture_output=True, text=True, timeout=60, env=home)
    assert read.returncode == 0, read.stdout + read.stderr


@pytest.mark.parametrize("name", ["Caddyfile", "one-process.Caddyfile", "several-processes.Caddyfile"])
def test_caddy_reads_its_file(name: str, tmp_path: Path) -> None:
    """By the Caddy that scripts/run --workers installs, as it stands."""
    caddy = Path(sys.executable).parent / "caddy"
    file = str(DEPLOY / "caddy" / name)
    check([str(caddy), "validate", "--adapter", "caddyfile", "--config", file], tmp_path)


@pytest.mark.parametrize("name", ["one-process.conf", "several-processes.conf"])
def test_nginx_reads_its_file(name: str, tmp_path: Path) -> None:
    """Where there is one; without the certificates, which are not here."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    text = (DEPLOY / "nginx" / name).read_text()
    assert text.count("{") == text.count("}")
    if nginx is None:
        return
    text = re.sub(r"^ *ssl_.*\n", "", text, flags=re.M).replace(" ssl http2", "")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{text}\n}}\n"
    )
    check([nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], tmp_path)


@pytest.mark.parametrize("name", ["one-process.cfg", "several-processes.cfg"])
def test_haproxy_reads_its_file(name: str, tmp_path: Path) -> None:
    """Where there is one; without the certificate, which is not here."""
    haproxy = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    text = (DEPLOY / "haproxy" / name).read_text()
    assert text.endswith("\n")
    if haproxy is None:
        return
    (tmp_path / "haproxy.cfg").write_text(re.sub(r" ssl crt .*", "", text))
    check([haproxy, "-c", "-f", str(tmp_path / "haproxy.cfg")], tmp_path)


@pytest.mark.parametrize("name", SEVERAL)
def test_several_processes_are_where_the_units_start_them(name: str) -> None:
    """Researchers at the room's port, participants at the ports of the instances, by the place's cookie."""
    text = (DEPLOY / name).read_text()
    assert set(PORT.findall(text)) == {"8000", "8001", "8002"}
    assert "verbatim_place" in text
    assert "api/v1/research" in text


@pytest.mark.parametrize("name", [*ONE, *SEVERAL])
def test_who_comes_is_told_by_the_proxy_alone(name: str) -> None:
    """No list of addresses that a browser sends is handed on; over HTTPS, bodies held to 100 MB."""
    text = (DEPLOY / name).read_text()
    assert "$proxy_add_x_forwarded_for" not in text
    assert "option forwardfor" not in text
    assert "Strict-Transport-Security" in text
    assert re.search(r"max_size 100MB|client_max_body_size 100m|body_size gt 104857600", text)
