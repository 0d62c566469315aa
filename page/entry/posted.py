"""What a posted form holds, read with care: it may come from anywhere."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.requests import ClientDisconnect, Request

from stages.entry.refusals import EntryRefused
from study.names import LONGEST_NAME
from web.origin import is_own

# A name of 80 characters takes under 3 kB as a form, and a password may have some hundred; more is neither.
LONGEST_FORM: Final = 16_384


def check_origin(request: Request, allowed: Sequence[str]) -> None:
    """Refuse a form that another site sends, which would sign its visitor in as somebody else.

    Browsers name the origin of every form they post; programs, such as simulated participants,
    carry no other site's page and may leave it out.

    Raises:
        EntryRefused: It is another site's.
    """
    origin = request.headers.get("origin") or _origin_of(request.headers.get("referer"))
    if origin is not None and not is_own(origin, request.headers.get("host", ""), allowed):
        raise EntryRefused(403, "entry.other_site")


def _origin_of(referer: str | None) -> str | None:
    if not referer:
        return None
    try:
        parts = urlsplit(referer)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc}"


async def read_form(request: Request) -> dict[str, str]:
    """Read a posted form, never more than LONGEST_FORM bytes of it.

    Returns:
        The first value of each field.

    Raises:
        EntryRefused: It is no form, too long, or no UTF-8.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise EntryRefused(415, "entry.not_this_form")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_FORM:
                raise EntryRefused(413, "entry.form_too_long", limit=LONGEST_NAME)
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=20)
    except (ValueError, ClientDisconnect):
        raise EntryRefused(422, "entry.form_not_readable") from None
    return {name: values[0] for name, values in fields.items()}
