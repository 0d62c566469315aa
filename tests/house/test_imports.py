from pathlib import Path

import pytest

from tests.house.tree import ENTRY_POINTS, imports, modules, text

# Who may import what: DESIGN section 2. Import-linter holds the layers between packages; these
# rules reach into the single modules at the root as well.
BORDERS = {
    # bench/data_layer.py calls both data layers through Chainlit's own interface.
    "chainlit": ("app.py", "stages/", "page/", "data_layer/chainlit/layer.py", "bench/data_layer.py"),
    "openai": ("agent/openai_client.py", "agent/openai_compatible.py", "agent/openai_stream.py"),
    "pandas": ("exports/", "bench/"),
    # imports/rows.py reads data sets that are published as Parquet.
    "pyarrow": ("exports/", "bench/", "imports/rows.py"),
    "settings": (
        *ENTRY_POINTS, "settings/", "commands/", "exports/__main__.py", "page/serve.py",
        "scripts/before_start.py", "scripts/kept.py", "scripts/workers.py", "docs/tables.py",
        # The stage without a server, for what the API costs beside it.
        "bench/api_direct.py",
    ),
    "bootstrap": ("app.py", "cli.py", "page/serve.py", "bench/"),
    "secret_key": ("settings/", "commands/doctor/machine.py"),
    # bench/all.py says of its figures which Verbatim they were measured on.
    "version": ("bootstrap.py", "exports/", "bench/all.py"),
    "privacy": (
        *ENTRY_POINTS, "exports/__main__.py", "page/serve.py",
        "scripts/before_start.py", "scripts/kept.py", "scripts/workers.py",
    ),
    "app": (),
    "tests": (),
    "bench": ("bench/",),
}  # fmt: skip
STUDY_MAY = {"pydantic", "pydantic_core", "yaml", "regex", "study"}


@pytest.mark.parametrize("name", BORDERS)
def test_a_border_is_crossed_at_its_gates_only(name: str) -> None:
    """A library or an entry point is imported where the design says, and nowhere else."""
    crossing = [
        str(path)
        for path in modules()
        if name in imports(path) and not _starts_with_one(path, BORDERS[name]) and path.name != "conftest.py"
    ]
    # bench/stock_app is the peer: Chainlit as its documentation shows it.
    assert [path for path in crossing if not path.startswith("bench/stock_app/")] == []


def test_the_rule_would_catch_an_import() -> None:
    """What the borders look for is there to be found at the gates."""
    at_the_gates = {
        name for name in ("chainlit", "openai", "pyarrow") for p in modules() if name in imports(p)
    }
    assert at_the_gates == {"chainlit", "openai", "pyarrow"}


def test_the_domain_is_plain_python() -> None:
    """study/ needs the standard library, pydantic, a YAML reader, and regex for where a text may be cut."""
    import sys

    foreign = {
        f"{path}: {name}"
        for path in modules()
        if path.parts[0] == "study"
        for name in imports(path) - STUDY_MAY - sys.stdlib_module_names
    }
    assert foreign == set()


def test_settings_alone_read_the_environment() -> None:
    """One package says what can be set; bench/ sets the environment of the servers that it starts."""
    readers = [
        str(path)
        for path in modules()
        if path.parts[0] != "bench" and path.parts[0] != "settings"
        if any(word in text(path) for word in ("os.environ", "os.getenv", "from os import environ"))
    ]
    assert readers == []


def test_the_commands_do_without_chainlit() -> None:
    """cli.py answers at once: importing Chainlit costs five seconds."""
    import subprocess
    import sys

    from tests.house.tree import ROOT

    asked = "import cli, sys; print(sorted({'chainlit', 'pandas', 'openai'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def _starts_with_one(path: Path, gates: tuple[str, ...]) -> bool:
    return any(str(path) == gate or (gate.endswith("/") and str(path).startswith(gate)) for gate in gates)
