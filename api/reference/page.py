"""Draws the schema for people: one page, no script, nothing from anywhere else.

Not Swagger UI or Redoc: both are megabytes of script that want inline styles or evaluation, which our policy
forbids, and neither can be read without a script, printed, or searched by the browser.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from api.context import Context
from web.markdown import STUDY, Markdown
from web.pages import BASE_SHEET, hash_of, page_headers, policy, style_of, templates_in

router = APIRouter(include_in_schema=False)

_in_words: Final = Markdown(STUDY)
_HERE: Final = Path(__file__).parent
# Problems look alike: they are told once, above all routes.
_PROBLEMS: Final = frozenset(str(status) for status in range(400, 600))


@dataclass(frozen=True)
class ShownField:
    """A parameter, or a field of a body.

    Args:
        name: As it is written.
        where: In the path, the query, a header; empty for a field of a body.
        kind: What it holds, in words.
        needed: Whether it must be there.
        about: What it means.
    """

    name: str
    where: str
    kind: str
    needed: bool
    about: str


@dataclass(frozen=True)
class ShownRoute:
    """A route.

    Args:
        anchor: By which it is linked.
        method: Of HTTP.
        path: Below the API's address.
        summary: What it does, in a few words.
        about: In more words, as HTML.
        takes: What it takes.
        body: The name of the shape that it is sent; empty for none.
        gives: Of each status of a success, what is answered.
    """

    anchor: str
    method: str
    path: str
    summary: str
    about: Markup
    takes: list[ShownField]
    body: str
    gives: list[tuple[str, str]]


@dataclass(frozen=True)
class ShownShape:
    """A shape that bodies have."""

    name: str
    about: Markup
    fields: list[ShownField]


@router.get("/docs")
async def docs(request: Request, context: Context) -> HTMLResponse:
    """Show what the API can do."""
    style = style_of(BASE_SHEET, _HERE / "inlined/reference.css")
    schema = request.app.openapi()
    shapes = list(shapes_of(schema))
    page = _template().render(
        title=context.study.definition.title,
        style=style,
        groups=groups_of(schema),
        shapes=shapes,
        names={one.name for one in shapes},
    )
    opened = policy(style_src=hash_of(style), img_src="'self'", font_src="'self'")
    return HTMLResponse(page, headers=page_headers(opened))


@cache
def _template() -> Any:
    return templates_in(_HERE / "templates").get_template("reference.html")


def groups_of(schema: Mapping[str, Any]) -> dict[str, list[ShownRoute]]:
    """The routes of a schema, by the tag that they bear."""
    groups: dict[str, list[ShownRoute]] = {}
    for path, methods in schema["paths"].items():
        for method, route in methods.items():
            shown = _route(schema, path, method, route)
            groups.setdefault((route.get("tags") or ["Other"])[0], []).append(shown)
    return groups


def shapes_of(schema: Mapping[str, Any]) -> Iterator[ShownShape]:
    """The shapes of a schema, in the order of their names."""
    for name, shape in sorted(schema.get("components", {}).get("schemas", {}).items()):
        if not name.startswith(("HTTPValidation", "ValidationError", "Body_")):
            about = _in_words(shape.get("description", ""))
            yield ShownShape(name, about, list(_fields(shape)))


def _route(schema: Mapping[str, Any], path: str, method: str, route: Mapping[str, Any]) -> ShownRoute:
    takes = [
        ShownField(
            one["name"],
            one["in"],
            kind_of(one["schema"]),
            bool(one.get("required")),
            one.get("description", ""),
        )
        for one in route.get("parameters", ())
    ]
    contents = route.get("requestBody", {}).get("content", {})
    sent = next((one["schema"] for one in contents.values() if "schema" in one), None)
    body = kind_of(sent) if sent else ""
    if body.startswith("Body_"):
        takes += _fields(schema["components"]["schemas"][body], "form")
        body = ""
    gives = [
        (status, ", ".join(_content(kind, one) for kind, one in answer.get("content", {}).items()))
        for status, answer in route["responses"].items()
        if status not in _PROBLEMS
    ]
    about = _in_words(route.get("description", ""))
    anchor = f"{method}{path}".replace("/", "-").replace("{", "").replace("}", "")
    return ShownRoute(anchor, method.upper(), path, route.get("summary", ""), about, takes, body, gives)


def _fields(shape: Mapping[str, Any], where: str = "") -> Iterator[ShownField]:
    needed = shape.get("required", ())
    for name, field in shape.get("properties", {}).items():
        yield ShownField(name, where, kind_of(field), name in needed, field.get("description", ""))


def _content(kind: str, content: Mapping[str, Any]) -> str:
    return kind_of(content["schema"]) if content.get("schema") else kind


def kind_of(schema: Mapping[str, Any]) -> str:
    """What a JSON schema lets in, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(kind_of(one) for one in schema[several])
    if "allOf" in schema:
        return kind_of(schema["allOf"][0])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any JSON")
