"""Hands Chainlit what it takes from the environment alone."""

import os
from pathlib import Path
from typing import Final

from settings.fields import Settings
from study.errors import SettingsError

_ROOT: Final = Path(__file__).resolve().parents[1]


def export_to_chainlit(settings: Settings) -> None:
    """Hand Chainlit the settings that it takes from the environment only. Call it before its first use.

    Raises:
        SettingsError: The secret is weak, or Chainlit was told another place than we.
        StartError: The secret cannot be made.
    """
    if os.environ.get("CHAINLIT_ROOT_PATH", "").strip("/"):
        raise SettingsError(
            "CHAINLIT_ROOT_PATH (chainlit run --root-path) moves Chainlit's half of the page alone. Leave it "
            "out, and give the page's address: VERBATIM_PUBLIC_URL=https://lab.example.org/study"
        )
    os.environ["CHAINLIT_AUTH_SECRET"] = settings.ensure_secret()
    # Makes Chainlit ask for a sign-in without a password form of its own (chainlit/auth/__init__.py:34).
    os.environ["CHAINLIT_CUSTOM_AUTH"] = "1"
    # Where .chainlit/ and public/ are, whatever the working directory is (chainlit/config.py:58).
    os.environ.setdefault("CHAINLIT_APP_ROOT", str(_ROOT))
