"""The readiness report as one page that needs nothing beside it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from web.pages import templates_in

_HERE: Final = Path(__file__).parent / "templates"


def draw_readiness(told: Mapping[str, Any], title: str) -> str:
    """Draw it.

    Args:
        told: What readiness.json holds.
        title: The study's.
    """
    style = (_HERE / "readiness.css").read_text(encoding="utf-8")
    by_d = told["power"].get("by_d", {}) if told["power"] else {}
    return (
        templates_in(_HERE)
        .get_template("readiness.html")
        .render(
            told=told,
            title=title,
            made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            style=Markup(style),  # noqa: S704 - our own file
            power=[(f"d = {d}", round(share * 100)) for d, share in by_d.items()],
        )
    )
