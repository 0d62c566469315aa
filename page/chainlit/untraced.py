"""Chainlit without the tracing of the service that its makers ran: a third of its start and of its memory."""

import sys
from types import ModuleType
from typing import Any, Final

# literalai, of which Chainlit takes some names (chainlit/__init__.py:18), imports it, and with it pandas,
# pyarrow and grpc: 97 MB and 0.7 s of work. Only a client of that service would call it, and we make none.
TRACING: Final = ("traceloop", "traceloop.sdk")


class Traceloop:
    """Stands where literalai looks for the tracing; it can do nothing."""


def leave_out_tracing() -> None:
    """Before Chainlit is imported; afterwards there is nothing to leave out."""
    if "literalai" in sys.modules:
        return
    for name in TRACING:
        sys.modules[name] = ModuleType(name)
    sdk: Any = sys.modules[TRACING[-1]]
    sdk.Traceloop = Traceloop
