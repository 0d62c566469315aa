"""Chainlit's bundle below a public path: the few addresses in it that know none.

Its router, its requests and its socket ask the page where it is mounted; what is listed here does not
(2.12.0; the sources are named beside each). A study at the root of its host gets the bundle as it is.
"""

import hashlib
import os
from pathlib import Path
from typing import Final

from data_layer.database.private import opener
from study.errors import StartError

# What stands there once, and what stands there instead; {path} is the public path.
_REWRITTEN: Final = (
    # The page of a PDF is drawn by a worker (components/Elements/PDF.tsx: an asset by Vite's base).
    ('="/assets/pdf.worker', '="{path}/assets/pdf.worker'),
    # What a module needs besides is fetched ahead (Vite's preload helper).
    ('return"/"+t}', 'return"{path}/"+t}'),
    # A page that resumed another thread than its address names (useChatSession.ts).
    ("window.location.href=`/thread/", "window.location.href=`{path}/thread/"),
    # The first screen: the router's own way of writing it would be the path without its slash (router.tsx).
    ("{basename:nm()}", '{basename:nm()+"/"}'),
    # The list's state is kept in a cookie, which the host's other pages need not see (ui/sidebar.tsx).
    ("; path=/; max-age=", "; path={path}; max-age="),
    # The first message names the thread in the address (LeftSidebar/ThreadHistory.tsx, chat/index.tsx).
    ('.pathname==="/"&&t(`/thread/', '.pathname==="{path}/"&&t(`/thread/'),
    ('.pathname==="/"?u(`/thread/', '.pathname==="{path}/"?u(`/thread/'),
)


def rewritten_bundle(assets: Path, cache: Path, path: str) -> dict[str, Path]:
    """Write the bundle anew for a public path.

    Args:
        assets: The folder of Chainlit's bundle.
        cache: Where the new one is kept; made when missing.
        path: The public path; "" leaves all as it is.

    Returns:
        What is served instead, by its name in the folder.

    Raises:
        StartError: The bundle is not the one that this was written for.
    """
    if not path:
        return {}
    instead: dict[str, Path] = {}
    for source in sorted(assets.glob("index-*.js")):
        text = source.read_text(encoding="utf-8")
        for stands, better in _REWRITTEN:
            if text.count(stands) != 1:
                raise StartError(
                    f"Chainlit's {source.name} does not hold {stands!r} once: page/static_files/bundle.py "
                    "cannot put it below a path. Install the versions of requirements.txt."
                )
            text = text.replace(stands, better.replace("{path}", path))
        content = text.encode()
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = cache / f"{hashlib.sha256(content).hexdigest()[:32]}.js"
        if not made.exists():
            unfinished = made.with_suffix(f".{os.getpid()}.part")
            with open(unfinished, "wb", opener=opener) as file:
                file.write(content)
            unfinished.replace(made)
        instead[source.name] = made
    return instead
