"""A bench of no time at all, which ends as its argument says."""

import json
import sys
from pathlib import Path


def main() -> None:
    """Print a table of a line, and write what `--json` asks for."""
    how, out = sys.argv[1], Path(sys.argv[sys.argv.index("--json") + 1])
    if how == "fails":
        sys.stderr.write("measuring ...\n")
        raise RuntimeError("the server was not there\nand its log says why")
    if how == "silent":
        sys.exit(7)
    print("its own table")
    out.write_text(json.dumps([{"what": "a page, first row", "ours_ms": float(sys.argv[2])}]), "utf-8")
    sys.exit(how == "misses")


if __name__ == "__main__":
    main()
