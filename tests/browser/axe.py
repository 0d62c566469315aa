"""What axe finds on a page: https://github.com/dequelabs/axe-core."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def grave(page: Page, *only: str) -> list[str]:
    """What axe calls serious or critical, with the place; of all its rules, or of these alone."""
    options = {"runOnly": list(only)} if only else None
    violations: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
