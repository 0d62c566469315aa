"""Reads the settings from the environment, and from `.env` beside it."""

import difflib
import os
from collections.abc import Iterable

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings.exceptions import SettingsError as UnreadableSetting

from settings.fields import ENV_ENCODING, PREFIX, Settings, example_of, variable_name
from study.errors import SettingsError
from study.masking import hold, hold_proxies, secrets_in


def load_settings() -> Settings:
    """Read the environment and `.env`.

    Raises:
        SettingsError: A setting is wrong or unknown; a line for each, with the repair. No line holds
            a value of a secret.
    """
    try:
        _refuse_unknown([*os.environ, *dotenv_values(".env", encoding=ENV_ENCODING)])
        settings = Settings()
        settings.hide_secrets()
        hold_proxies(os.environ)
        return settings
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None
    except (UnreadableSetting, UnicodeDecodeError, OSError) as error:
        # Never its repr: a UnicodeDecodeError holds the file, and with it the keys.
        raise SettingsError(f"The file .env cannot be read ({error}). Save it as UTF-8 text.") from None


def variables_named(names: Iterable[str]) -> dict[str, str]:
    """What the environment, or `.env`, holds under names that a study gives: secrets from now on.

    Args:
        names: Of variables; those that are not set, or empty, are left out.
    """
    wanted = list(names)
    try:
        written = dotenv_values(".env", encoding=ENV_ENCODING) if wanted else {}
    except (UnicodeDecodeError, OSError):
        written = {}  # load_settings says what is wrong with it
    found = {name: (os.environ.get(name) or written.get(name) or "").strip() for name in wanted}
    hold(*secrets_in(found.values()))
    return {name: value for name, value in found.items() if value}


def supervision() -> dict[str, str]:
    """What systemd tells a server that it watches; empty where nobody does."""
    names = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
    return {name: os.environ[name] for name in names if name in os.environ}


def _refuse_unknown(names: Iterable[str]) -> None:
    """A misspelt name would be passed over without a word, and the study run on a default."""
    known = [variable_name(field) for field in Settings.model_fields]
    for name in names:
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            repair = f"Did you mean {close[0]}?" if close else "docs/reference/settings.md lists them all."
            raise SettingsError(f"{name} is not a setting of Verbatim. {repair}")


def _sentences(error: ValidationError) -> list[str]:
    fields = {variable_name(field): field for field in Settings.model_fields}
    lines = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        place = str(problem["loc"][0])
        field = fields.get(place, place)
        what = problem["msg"].removeprefix("Value error, ").rstrip(".")
        line = f"{variable_name(field)} is wrong: {what[0].lower() + what[1:]}."
        if example := example_of(field):
            line += f" Write it like: {variable_name(field)}={example}"
        lines.append(line)
    return lines
