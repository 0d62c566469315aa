"""Writes the API's schema down, as scripts/lint --fix asks; scripts/lint asks whether it is fresh."""

import json
import sys
from pathlib import Path
from typing import Final

from api.app import schema

WRITTEN: Final = Path(__file__).parent / "reference/openapi.json"


def written() -> str:
    """The schema as the page has it."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write it, or compare.

    Args:
        arguments: Of the command.
    """
    now = written()
    if "--check" in arguments:
        if WRITTEN.exists() and WRITTEN.read_text("utf-8") == now:
            return 0
        sys.stderr.write("docs/reference/openapi.json is stale: scripts/lint --fix writes it anew.\n")
        return 1
    WRITTEN.write_text(now, "utf-8")
    return 0
