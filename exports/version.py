"""Which Verbatim writes."""

import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_PYPROJECT: Final = Path(__file__).resolve().parent.parent / "pyproject.toml"


@cache
def app_version() -> str:
    """The version of Verbatim; of the exporter, not of the app that made the record."""
    try:
        return version("verbatim")
    except PackageNotFoundError:
        project = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["project"]
        return str(project["version"])
