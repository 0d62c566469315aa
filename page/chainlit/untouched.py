"""Chainlit without what it writes beside our files: its own texts in 23 languages, when it is imported.

`init_config` (chainlit/config.py:660) writes each that is not there into .chainlit/translations. Nothing
reads them (translations.py), and a server whose files belong to another account may not write there: it would
not start (deploy/systemd, deploy/container).
"""

import io
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import IO, Any, Final

WRITES: Final = "chainlit.config"


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        """Load it with an `open` of its own, which it finds before the built-in one."""
        module.__dict__["open"] = _open
        super().exec_module(module)


class _Finder:
    """The first of `sys.meta_path`: knows one module."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find it, to be loaded by the loader above."""
        found = PathFinder.find_spec(name, path) if name == WRITES else None
        if found is not None and found.origin is not None:
            found.loader = _Loader(name, found.origin)
        return found


def leave_files_untouched() -> None:
    """Before Chainlit is imported; afterwards it has written."""
    if WRITES not in sys.modules:
        sys.meta_path.insert(0, _Finder)


def _open(file: Any, mode: str = "r", **options: Any) -> IO[Any]:
    return io.StringIO() if "w" in mode else open(file, mode, **options)  # who asks closes it
