"""The theme's variables as CSS, for the pages that stand outside Chainlit's: all look alike."""

import json
from pathlib import Path
from typing import Final

_THEME: Final = Path(__file__).parents[1] / "public" / "theme.json"


def theme_colours() -> str:
    """Write public/theme.json's light variables, and the dark ones for a device that prefers them."""
    variables = json.loads(_THEME.read_text(encoding="utf-8"))["variables"]
    light, dark = (
        "".join(f"{name}:{value};" for name, value in variables[theme].items()) for theme in ("light", "dark")
    )
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"
