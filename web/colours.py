"""The theme's variables as CSS, for the pages that stand outside Chainlit's: all look alike."""

import json
from pathlib import Path
from typing import Final

from study.errors import StartError

_THEME: Final = Path(__file__).parents[1] / "public" / "theme.json"


def theme_colours() -> str:
    """Write public/theme.json's light variables, and the dark ones for a screen that prefers them.

    Raises:
        StartError: It is not the JSON that Chainlit reads.
    """
    try:
        # As strictly as Chainlit reads it (server.py:379), which would fail at the first visit else.
        variables = json.loads(_THEME.read_text(encoding="utf-8"))["variables"]
    except (ValueError, KeyError) as error:
        raise StartError(
            f"{_THEME} cannot be read ({error}). Save it as JSON in UTF-8 without a byte order mark, with "
            '"variables" in it.'
        ) from error
    light, dark = (
        "".join(f"{name}:{value};" for name, value in variables[theme].items()) for theme in ("light", "dark")
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
