"""How an id is written."""

import re
from typing import Any, Final


def is_uuid(value: Any) -> bool:
    """Whether a value is a UUID in its usual 36 characters, lower case: two spellings were two ids."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


_UUID: Final = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
