"""A formula as MathML, which browsers draw by themselves: no script, no style, no address in it."""

import html
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

# A longer one, or one of more parts, is shown as it was written: nobody waits for it.
LONGEST: Final = 4_000
# How many parts these have; a formula that breaks off has fewer, and would be drawn as another.
_PARTS: Final = {
    **dict.fromkeys(("mfrac", "msub", "msup", "mroot", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_ELEMENTS: Final = frozenset(
    (
        *(
            "math",
            "mrow",
            "mi",
            "mn",
            "mo",
            "ms",
            "mspace",
            "mtext",
            "msqrt",
            "mstyle",
            "mtable",
            "mtr",
            "mtd",
        ),
        *("mpadded", "mphantom", "menclose", *_PARTS),
    )
)
# What says how wide, how high, how it stands; nothing that names an address, a class or a style.
_ATTRIBUTES: Final = frozenset(
    (
        *("display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "form", "separator"),
        *(
            "lspace",
            "rspace",
            "accent",
            "accentunder",
            "linethickness",
            "width",
            "height",
            "depth",
            "voffset",
        ),
        *("columnalign", "columnspacing", "columnlines", "rowspacing", "rowlines", "minsize", "maxsize"),
        *("symmetric", "largeop", "movablelimits", "notation"),
    )
)


@lru_cache(maxsize=512)
def mathml(tex: str, display: str) -> str | None:
    """Write a formula as MathML.

    Args:
        tex: As an agent wrote it, without what stands around it.
        display: "block" in lines of its own, "inline" among words.

    Returns:
        HTML that needs no further escaping; None for what cannot be drawn.
    """
    if len(tex) > LONGEST:
        return None
    try:
        element = convert_to_element(tex, display=display)
    except Exception:  # The library's errors have no common parent, and deep nesting ends in RecursionError.
        return None
    if any(len(one) != _PARTS.get(one.tag, len(one)) for one in element.iter()):
        return None
    return "".join(_written(element))


def _written(element: Element) -> Iterator[str]:
    # The library escapes characters in texts (&#x0002B;), once.
    text = html.escape(html.unescape(element.text or ""))
    if element.tag not in _ELEMENTS:
        yield text
        for child in element:
            yield from _written(child)
        return
    kept = "".join(
        f' {name}="{html.escape(value)}"' for name, value in element.attrib.items() if name in _ATTRIBUTES
    )
    yield f"<{element.tag}{kept}>{text}"
    for child in element:
        yield from _written(child)
    yield f"</{element.tag}>"
