"""Draws the pages of a protocol: one frame, and a template a kind of stage."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from page.chainlit import welcome
from stages.protocol.handling import Posted
from stages.protocol.running import Present
from stages.survey.posted import drafts_in
from study.definition import Study
from study.forms import Item
from study.forms.bounds import bounds_of
from study.forms.item import OTHER
from study.forms.texts import text_in
from study.protocol.stages import StageKind
from study.strings import Strings
from web.addresses import public_path
from web.pages import BASE_SHEET, hash_of, page_headers, policy, style_of, templates_in

_HERE: Final = Path(__file__).parent
# Makes the pages handier; they are whole without it.
_SCRIPT: Final = "/public/stages/stages.js"
# Instructions are a text and a survey.
_TEMPLATES: Final = {
    StageKind.CONSENT: "consent.html",
    StageKind.SURVEY: "survey.html",
    StageKind.INSTRUCTIONS: "survey.html",
    StageKind.DEBRIEF: "debrief.html",
}
# Where a recruiting service wants its participants back, with the code.
# https://docs.prolific.com/docs/api-docs/public/#tag/Studies (completion codes)
_BACK: Final = {"prolific": ("Prolific", "https://app.prolific.com/submissions/complete")}


class StagePages:
    """Draws them.

    Args:
        addressed: Gives our files in a page their addresses.
    """

    def __init__(self, addressed: Callable[[str], str] = str) -> None:
        self._addressed = addressed
        templates = templates_in(_HERE / "templates")
        templates.filters["markdown"] = welcome.whole
        templates.globals |= {
            "given": _given,
            "places": _places,
            "other": _other,
            "points": _points,
            "bounds": bounds_of,
        }
        self._templates = templates
        self._style = style_of(BASE_SHEET, _HERE / "inlined/stages.css")
        own = "'self'"
        opened = policy(
            script_src=own,
            style_src=f"{own} {hash_of(self._style)}",
            img_src=own,
            font_src=own,
            connect_src=own,
            form_action=own,
            frame_ancestors=own,
        )
        self._headers = page_headers(opened) | {"Vary": "Accept-Language"}

    @property
    def _script(self) -> str:
        """As its templates name it, with what the folder's files bear now."""
        return self._addressed(f'"{public_path()}{_SCRIPT}"').strip('"').removeprefix(public_path())

    def draw(
        self, present: Present, study: Study, strings: Strings, *, not_now: Posted | None = None
    ) -> HTMLResponse:
        """Draw where somebody stands.

        Args:
            present: Where.
            study: Its title and contact stand on the page.
            strings: In the participant's language.
            not_now: What was sent and could not be kept: it stands in the fields again.
        """
        stage = present.stage
        kind = StageKind(stage.kind) if stage is not None else None
        name = _TEMPLATES[kind] if kind is not None else "ending.html"
        status = 503 if not_now is not None else 200
        heading = text_in(stage.title, strings.language) if stage is not None and stage.title else ""
        page = self._templates.get_template(name).render(
            t=strings,
            title=study.title,
            contact=study.contact,
            style=self._style,
            script=self._script,
            stage=stage,
            heading=heading or _survey_title(present.shown),
            number=present.number,
            count=present.count,
            visit=present.position.visit,
            shown=_Shown(present.shown),
            problems=present.problems,
            labels=_labels(present.shown),
            values=_values(present.shown, not_now),
            ticked=_ticked(present.shown, not_now),
            not_now=not_now is not None,
        )
        return HTMLResponse(page, status, self._headers)

    def ending(self, present: Present, study: Study, strings: Strings, text: str) -> HTMLResponse:
        """Draw how taking part ended, with the code where there is one."""
        ending = present.ending
        code = ending.code if ending is not None else None
        service = study.protocol.recruit.service if study.protocol else "link"
        name, address = _BACK.get(service, ("", ""))
        page = self._templates.get_template("ending.html").render(
            t=strings,
            title=study.title,
            contact=study.contact,
            style=self._style,
            script=None,
            stage=None,
            heading="",
            problems={},
            labels={},
            not_now=False,
            text=text,
            code=code,
            back=f"{address}?{urlencode({'cc': code})}" if code and address else None,
            service=name,
        )
        return HTMLResponse(page, 200, self._headers)


class _Shown:
    """What a template is given, by name; what a kind of stage lacks is undefined, as templates ask."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)


def _values(shown: Mapping[str, Any], sent: Posted | None) -> Mapping[str, Any]:
    """What stands in the fields: what was sent and could not be kept, else the drafts."""
    survey = shown.get("survey")
    if survey is None:
        return {}
    return drafts_in(survey, sent) if sent is not None else dict(shown["values"])


def _ticked(shown: Mapping[str, Any], sent: Posted | None) -> set[str]:
    """The boxes that are ticked, likewise."""
    if sent is None:
        return set(shown.get("ticked", ()))
    return {name for name in shown.get("boxes", ()) if f"box_{name}" in sent}


def _survey_title(shown: Mapping[str, Any]) -> str:
    survey = shown.get("survey")
    return str(survey.title) if survey is not None and survey.title else ""


def _labels(shown: Mapping[str, Any]) -> dict[str, str]:
    survey = shown.get("survey")
    named = {item.id: str(item.label) for item in survey.items} if survey is not None else {}
    return named | {f"box_{name}": words for name, words in shown.get("boxes", {}).items()}


def _given(item: Item, values: Mapping[str, Any]) -> list[str]:
    """What stands in an item's fields, as its template compares it with what each of them says."""
    value = values.get(item.id)
    if value is None or isinstance(value, Mapping):
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _places(item: Item, values: Mapping[str, Any]) -> dict[str, str]:
    """The places that were given to the options of a ranking, as they were written."""
    value = values.get(item.id)
    if isinstance(value, list):
        return {str(option): str(place) for place, option in enumerate(value, start=1)}
    return dict(value) if isinstance(value, Mapping) else {}


def _other(item: Item, values: Mapping[str, Any]) -> str:
    """The words of an "other"."""
    return str(values.get(f"{item.id}_{OTHER}") or "")


def _points(item: Item) -> list[int]:
    """The points of a scale without options."""
    least, most = bounds_of(item)
    return list(range(int(least or 0), int(most or 0) + 1))
