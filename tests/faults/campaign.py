"""scripts/campaign: what is longer than CI may be."""

import argparse
import sys
from collections.abc import Sequence

from tests.faults import planted


def main(words: Sequence[str]) -> int:
    """Do what was asked for.

    Returns:
        How much went wrong.
    """
    parser = argparse.ArgumentParser(prog="scripts/campaign", description=__doc__)
    parser.add_argument(
        "--planted", nargs="*", metavar="WORD", help="plant bugs, and see that they are found"
    )
    told = parser.parse_args(words)
    if told.planted is not None:
        return planted.main(told.planted)
    parser.print_help()
    return 2


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
