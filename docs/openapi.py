"""Writes the API's schema down: `python -m docs.openapi`. With --check it says whether it is fresh."""

import json
import sys
from pathlib import Path
from typing import Final

from api.app import schema

WRITTEN: Final = Path(__file__).parent / "reference/openapi.json"


def written() -> str:
    """The schema as the page has it."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write it, or compare."""
    now = written()
    if "--check" in sys.argv[1:]:
        if WRITTEN.exists() and WRITTEN.read_text("utf-8") == now:
            return 0
        sys.stderr.write("docs/reference/openapi.json is stale: scripts/lint --fix writes it anew.\n")
        return 1
    WRITTEN.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
