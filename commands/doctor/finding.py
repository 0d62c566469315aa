"""What was found of one thing: how it stands, and what to do."""

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How a thing stands; the numbers are exit codes, the worst of which the command ends with."""

    OK = 0
    WARNING = 1
    WRONG = 3  # 2 is a mistyped command's


@dataclass(frozen=True)
class Symptom:
    """One line.

    Args:
        of: What was looked at, such as "disk".
        standing: How it stands.
        says: What was found, and what to do where something is to be done.
    """

    of: str
    standing: Severity
    says: str
