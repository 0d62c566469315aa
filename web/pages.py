"""What every page that we draw ourselves has: a maker of templates, a style inside it, a policy, headers.

A page that forgets one of them cannot be drawn by another way: a test holds that neither page/ nor research/
makes templates, hashes or such headers of their own.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web.addresses import below_path, public_path
from web.colours import theme_colours
from web.compiled_templates import CompiledTemplates

# Of every answer that says something of a person, JSON too.
# What the pages outside the chat begin with.
BASE_SHEET: Final = Path(__file__).parent / "inlined/base.css"
NOT_KEPT: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

# What holds one address in our templates.
_ATTRIBUTES: Final = r"""\b(?:href|src|srcset|action|formaction|hx-get|hx-post|data-preview)="""
_WRITTEN: Final = re.compile(_ATTRIBUTES + r""""(?=/(?!/))""")
_COMPUTED: Final = re.compile(rf"""({_ATTRIBUTES}")\{{\{{(.+?)\}}\}}""")
_IN_SHEET: Final = re.compile(r"""(?<=url\(")(?=/(?!/))""")

_NOTHING: Final = "'none'"
_COMPILED: Final = CompiledTemplates()
# What default-src does not stand for.
_APART: Final = dict.fromkeys(("base-uri", "form-action", "frame-ancestors"), _NOTHING)


def templates_in(*folders: Path) -> Environment:
    """The templates of folders: escaping, refusing a name that nobody gave, their addresses below the path.

    Args:
        folders: Where they are.
    """
    made = Environment(
        loader=_Below(FileSystemLoader(folders)),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=_COMPILED,
    )
    made.filters["below"] = below_path
    return made


def style_of(*sheets: Path) -> Markup:
    """The theme's colours and sheets of ours for the inside of a page: one request, nothing to wait for.

    Args:
        sheets: Their files, in this order.

    Returns:
        What `hash_of` lets into a policy.

    Raises:
        StartError: The theme cannot be read.
    """
    return Markup(theme_colours() + sheets_of(*sheets))  # noqa: S704  # our own files


def sheets_of(*sheets: Path) -> str:
    """Style sheets for the inside of a page; what they name is fetched below the public path.

    Args:
        sheets: Their files.
    """
    text = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    return _IN_SHEET.sub(public_path(), text)


def hash_of(inlined: str) -> str:
    """How a policy names a style or a script that stands in the page.

    Args:
        inlined: All between its tags.
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(inlined.encode()).digest()).decode()}'"


def policy(**opened: str) -> str:
    """Write a Content-Security-Policy: nothing is loaded, sent or framed but what is opened.

    Args:
        opened: Directives with an underscore for the hyphen, such as `img_src="'self'"`.
    """
    said = {"default-src": _NOTHING} | {name.replace("_", "-"): sources for name, sources in opened.items()}
    return "; ".join(f"{name} {sources}" for name, sources in (said | (_APART | said)).items())


def page_headers(policy: str, *, referrer: str = "same-origin") -> dict[str, str]:
    """The headers of a page.

    Args:
        policy: Its Content-Security-Policy.
        referrer: Which pages may learn its address. With "no-referrer" browsers send "Origin: null", so that
            a form in it would be refused: it is for pages whose address is all that one needs to read them.
    """
    return NOT_KEPT | {"Content-Security-Policy": policy, "Referrer-Policy": referrer}


class _Below(BaseLoader):
    """Puts the public path before each address of a template, so that none can be forgotten."""

    def __init__(self, inner: FileSystemLoader) -> None:
        self._inner = inner

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, name, is_fresh = self._inner.get_source(environment, template)
        return rewritten(source, public_path()), name, is_fresh


def rewritten(source: str, path: str) -> str:
    """A template's text with its addresses below a path.

    Args:
        source: Of the template.
        path: The public path.
    """
    if not path:
        return source
    source = _WRITTEN.sub(lambda found: found[0] + path, source)
    return _COMPUTED.sub(r"\1{{ (\2)|below }}", source)
