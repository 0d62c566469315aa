"""Chainlit does its work without the tracing that comes with it."""

import subprocess
import sys
from typing import Final

LOADED: Final = """
import sys
from page.chainlit.untraced import leave_out_tracing
leave_out_tracing()
import chainlit.server
print(*sorted({"pandas", "pyarrow", "grpc", "literalai"} & set(sys.modules)))
leave_out_tracing()
"""


def test_chainlit_is_served_without_its_tracing() -> None:
    """What the tracing alone would load is not there, and nothing asks for it while Chainlit is loaded."""
    made = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False)
    assert made.stderr == ""
    assert made.stdout.split() == ["literalai"]
