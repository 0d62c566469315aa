"""The tables of docs/reference/study-file.md, from the models that read the file; cog calls them."""

import json
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from study.complaints import DIALOGUE_PARTS, PARTS
from study.definition import Study
from study.instruments import Instrument, WordsFile
from study.instruments.reading import INSTRUMENT_PARTS
from study.parts import StudyPart
from study.protocol.blocks import BLOCKS, MatrixRow
from study.task_definition import DialogueDefinition

_WORDS: Final = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_PARTS: Final[dict[str, type[StudyPart]]] = {
    "study": Study,
    **PARTS,
    "dialogue": DialogueDefinition,
    **{f"dialogue.{key}": part for key, part in DIALOGUE_PARTS.items()},
    **{f"survey.{kind}": part for kind, part in BLOCKS.items()},
    "survey.rows": MatrixRow,
    "instrument": Instrument,
    "instrument.words": WordsFile,
    **{f"instrument.{key}": part for key, part in INSTRUMENT_PARTS.items()},
}


def keys_table(part: str) -> str:
    """Give the keys of one part of the study file.

    Args:
        part: "study" for the file itself, a key of PARTS, "dialogue" or "instrument", or one of these, a
            point and a key of its PARTS.

    Returns:
        A Markdown table: key, what it takes, what it is when left out, meaning.
    """
    rows = [("key", "takes", "left out", "means"), ("---",) * 4]
    for name, field in _PARTS[part].model_fields.items():
        rows.append((f"`{field.alias or name}`", _takes(field), _left_out(field), field.description or ""))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _takes(field: FieldInfo) -> str:
    limits = [_limit(item) for item in field.metadata]
    return ", ".join([_type(field.annotation), *filter(None, limits)])


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in arguments)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_type(choice) for choice in arguments if choice is not NoneType))
    if origin is tuple:
        inner = _type(arguments[0])
        return "texts" if inner == "text" else "a list"
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "keys"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f"`{choice}`" for choice in annotation)
    return _WORDS[annotation]


def _limit(item: Any) -> str:
    for name, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than")):
        if (value := getattr(item, name, None)) is not None:
            return f"{words} {value:,}"
    if (longest := getattr(item, "max_length", None)) is not None:
        return f"at most {longest:,}"
    return ""


def _left_out(field: FieldInfo) -> str:
    if field.is_required():
        return "not allowed"
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined or default is None or default in ((), "", {}):
        return "none"
    if isinstance(default, BaseModel):
        return "the defaults"
    return f"`{json.dumps(default)}`"
