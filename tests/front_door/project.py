"""A copy of the front door with small stand-ins for the app, for uv and for the disk behind it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
# What a bare machine has: the shells and their tools, and no Python of its own.
TOOLS: Final = (
    "sh", "bash", "dash", "env", "dirname", "basename", "cat", "rm", "awk", "grep", "tail", "sleep",
    "df", "mkdir", "chmod", "tr", "id", "head",
)  # fmt: skip

FAKE_APP: Final = """
import json, os, sys
shown = {k: os.environ.get(k) for k in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "VERBATIM_MODEL")}
print(json.dumps({"arguments": sys.argv[1:], **shown}))
"""

# Keeps what it was asked: the first account of the researchers' room.
FAKE_CLI: Final = """
import pathlib, sys
pathlib.Path("cli.log").write_text(" ".join(sys.argv[1:]))
"""

FAKE_MODEL: Final = """
import http.server, os, pathlib, sys
pathlib.Path("model.pid").write_text(str(os.getpid()))
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Answer).serve_forever()
"""

# Makes a .venv whose Python is the one that runs the tests, and keeps a list of what it was asked.
FAKE_UV: Final = """#!/bin/sh
printf '%s\\n' "$*" >>uv.log
case "$1" in
    --version) echo "uv 0" ;;
    venv)
        mkdir -p .venv/bin
        printf '#!/bin/sh\\nexec {python} "$@"\\n' >.venv/bin/python
        printf '#!/bin/sh\\necho chainlit "$@"\\n' >.venv/bin/chainlit
        chmod +x .venv/bin/python .venv/bin/chainlit
        ;;
    pip) {pip} ;;
esac
"""


@dataclass
class Project:
    """A folder with the scripts in it, and the PATH that they see."""

    folder: Path
    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, shell: str, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one of the scripts by a shell, as on a machine that has nothing but `path`."""
        return subprocess.run(
            [shutil.which(shell) or shell, *command],
            cwd=self.folder,
            env={"PATH": str(self.path), "HOME": str(self.folder), **self.environment, **settings},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def tool(self, name: str, text: str) -> None:
        """Put a program of our own before the machine's."""
        place = self.path / name
        place.unlink(missing_ok=True)
        place.write_text(text, encoding="utf-8")
        place.chmod(0o755)

    def uv(self, pip: str = ":") -> None:
        """Put the stand-in for uv there; `pip` is what its `uv pip` does."""
        self.tool("uv", FAKE_UV.format(python=sys.executable, pip=pip))

    def asked_of_uv(self, word: str) -> list[str]:
        """The calls of uv so far that begin with a word."""
        return [line for line in (self.folder / "uv.log").read_text().splitlines() if line.startswith(word)]


def make_project(folder: Path) -> Project:
    """Copy the front door and what it imports into a folder, beside a stand-in of the app."""
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("study", "web", "settings"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("secret_key.py", "privacy.py"):
        shutil.copy(ROOT / name, folder)
    for name in (
        "agent/__init__.py", "agent/model_address.py", "agent/model_proxy.py",
        "agent/embedding/__init__.py", "agent/embedding/address.py", "agent/embedding/setting_types.py",
        "data_layer/__init__.py", "data_layer/database/__init__.py",
        "data_layer/database/address.py", "data_layer/database/address_parameters.py",
        "data_layer/database/durable.py", "data_layer/database/locations.py",
        "data_layer/database/private.py",
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name, text in (("page/serve.py", FAKE_APP), ("agent/local_model.py", FAKE_MODEL)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "cli.py").write_text(FAKE_CLI, encoding="utf-8")
    for name in ("requirements", "requirements-dev", "requirements-local-model"):
        (folder / f"{name}.txt").write_text(f"# {name}\n", encoding="utf-8")
    path = folder / "machine"
    path.mkdir()
    for name in TOOLS:
        if found := shutil.which(name):
            (path / name).symlink_to(found)
    # Not named Python: scripts/run has to find a Python by itself.
    os.symlink(sys.executable, path / "python3.11")
    project = Project(folder, path)
    project.uv()
    return project
