"""Programs of the machine that some tests need: Debian's, which no package index has."""

import os
import shutil
from typing import Final, NoReturn

import pytest

# What scripts/test installs where it may; the same list stands there.
PACKAGES: Final = {
    "pgbouncer": "pgbouncer",
    "Rscript": "r-base-core r-cran-readr r-cran-jsonlite r-cran-httr2 r-cran-digest",
    "caddy": "caddy",
    "openssl": "openssl",
}


def program(name: str) -> str:
    """Find a program.

    Args:
        name: One of PACKAGES.

    Returns:
        Its path. Without it the test fails, and says what to install: one that did not run must not look
        like one that passed.
    """
    path = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    return path or lacking(name)


def lacking(name: str) -> NoReturn:
    """Fail for want of a program, or of what belongs to it.

    Args:
        name: One of PACKAGES.
    """
    pytest.fail(f"{name} is not all on this machine. Install it; Debian has it in: {PACKAGES[name]}")
