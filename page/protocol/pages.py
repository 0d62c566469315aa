"""Draws the pages of a protocol: one frame, and a template a kind of stage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from page.chainlit import welcome
from stages.protocol.handling import Posted
from stages.protocol.running import Present
from stages.survey.posted import drafts_in
from study.definition import Study
from study.forms import Item, ItemKind
from study.forms.bounds import bounds_of
from study.forms.item import OTHER
from study.forms.texts import text_in
from study.protocol.checks import points_of
from study.protocol.stages import StageKind
from study.protocol.surveys import SurveyItem
from study.strings import Strings
from web.addresses import public_path
from web.pages import BASE_SHEET, hash_of, page_headers, policy, style_of, templates_in

_HERE: Final = Path(__file__).parent
# Makes the pages handier; they are whole without it.
_SCRIPT: Final = "/public/stages/stages.js"
# Instructions are a text and a survey.
TEMPLATES: Final = {
    StageKind.CONSENT: "consent.html",
    StageKind.SURVEY: "survey.html",
    StageKind.INSTRUCTIONS: "survey.html",
    StageKind.WAIT: "wait.html",
    StageKind.DEBRIEF: "debrief.html",
}
# Where a recruiting service wants its participants back, with the code.
# https://docs.prolific.com/docs/api-docs/public/#tag/Studies (completion codes)
_BACK: Final = {"prolific": ("Prolific", "https://app.prolific.com/submissions/complete")}


# A table of more or longer answers is a list of questions: columns would be too narrow to read.
_MOST_COLUMNS: Final = 7
_LONGEST: Final = 28
_WIDEST: Final = 12


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
            "points": points_of,
            "bounds": bounds_of,
            "groups": groups_of,
            "columns": _columns,
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
        name = TEMPLATES[kind] if kind is not None else "ending.html"
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
            reminded=_reminded(present.shown, present.problems),
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


@dataclass(frozen=True, slots=True)
class Group:
    """What is drawn together: a block of a survey, or an item that is in none.

    Args:
        items: Its items.
        stem: What stands above them.
        is_table: Whether they are rows with the same few short answers, which a wide screen shows as a table.
    """

    items: tuple[SurveyItem, ...]
    stem: str | None = None
    is_table: bool = False


def groups_of(items: Sequence[SurveyItem]) -> list[Group]:
    """The items of a survey as they are drawn."""
    groups: list[Group] = []
    for block, members in groupby(items, key=lambda item: (item.block, item.is_asked)):
        together = tuple(members)
        if block[0] is None:
            groups += [Group((item,)) for item in together]
        else:
            groups.append(Group(together, _stem(together[0]), _is_table(together)))
    return groups


def _stem(item: SurveyItem) -> str | None:
    return str(item.stem) if item.stem is not None else None


def _is_table(rows: Sequence[SurveyItem]) -> bool:
    first = rows[0]
    alike = {(row.kind, row.options, bounds_of(row), row.low, row.high) for row in rows}
    if len(rows) < 2 or len(alike) > 1 or first.kind not in {ItemKind.CHOICE, ItemKind.SCALE}:
        return False
    words = [str(option.label) for option in first.options]
    fits = len(words) <= _MOST_COLUMNS and all(len(one) <= _WIDEST for text in words for one in text.split())
    return not words or (fits and max(map(len, words)) <= _LONGEST)


def _columns(item: SurveyItem) -> list[tuple[str, str]]:
    """The answers of a row: what is kept and what is read."""
    if item.options:
        return [(option.value, str(option.label)) for option in item.options]
    return [(str(point), str(point)) for point in points_of(item) or ()]


def _reminded(shown: Mapping[str, Any], problems: Mapping[str, str]) -> str:
    """The answers that this page reminds of, and that may be left out then."""
    survey = shown.get("survey")
    asked = survey.items if survey is not None else ()
    return " ".join(one.id for one in asked if one.required == "ask_once" and one.id in problems)


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
