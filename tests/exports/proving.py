"""What a check of an export finds, for tests that ask for that alone."""

from pathlib import Path

from exports.verify.difference import Difference
from exports.verify.prove import prove


def verify_export(folder: Path, url: str | None) -> list[Difference]:
    """Check an export; without an address not against the database."""
    return prove(folder, url).found
