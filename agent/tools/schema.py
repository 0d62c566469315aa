"""A function's JSON schema, from signature and docstring, and its arguments as it wants them."""

import inspect
import json
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from agent.events import Json
from agent.others_json import read_others_json
from agent.tools.declare import ToolContext
from agent.tools.docstring import read_docstring
from study.text import beginning

# What the API takes as a name.
NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAMED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_LONGEST_SHOWN: Final = 80


class ToolFault(ValueError):
    """A function cannot be a tool as it is; says why, and the repair."""


class ArgumentsRefused(ValueError):
    """Arguments that do not fit a tool; says which, and the repair."""


class ToolSignature:
    """What a function takes.

    Args:
        function: With types and a docstring.

    Attributes:
        description: What it does, in its docstring's words.
        parameters: JSON schema of the arguments; what its context parameter gets is no part of it.

    Raises:
        ToolFault: It cannot be a tool as it is.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        name = function.__name__
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise ToolFault(f"{name} yields what it finds. Let it return a list.")
        if not NAME.fullmatch(name):
            raise ToolFault(f"{name} is no name for a tool: at most 64 of a-z, A-Z, 0-9 and _. Rename it.")
        said = read_docstring(function.__doc__)
        if not said.description:
            raise ToolFault(
                f"{name} has no docstring, which tells the model what it does. Write it like: "
                '"""Look up ..."""'
            )
        self.name = name
        self.description = said.description
        self._context: str | None = None
        self._own: dict[str, str] = {}  # the model's field for each parameter: `schema` and `copy` are taken
        self._model = self._model_of(function, said.parameters)
        try:
            made = self._model.model_json_schema(by_alias=True)
        except Exception as error:  # pydantic has several, for types that JSON cannot hold
            raise ToolFault(
                f"{name} takes what JSON cannot hold ({_first_line(error)}). Use str, int, float, bool, "
                "list, dict, Literal or a pydantic model."
            ) from error
        self.parameters: Json = _untitled(made)
        self._check_sendable()

    @property
    def names(self) -> tuple[str, ...]:
        """What its arguments are called."""
        return tuple(self._own)

    def _check_sendable(self) -> None:
        """What it says goes out with each request: as JSON, in UTF-8."""
        try:
            said = [self.description, self.parameters]
            json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
        except ValueError as error:
            raise ToolFault(
                f"{self.name} says what JSON cannot hold ({_first_line(error)}). Take it out of its "
                "docstring and its defaults."
            ) from error

    def arguments(self, given: Mapping[str, Any] | str) -> dict[str, Any]:
        """Arguments as the function takes them, from JSON or its values.

        Args:
            given: As an agent gives them. No text at all stands for no arguments.

        Raises:
            ArgumentsRefused: They do not fit.
        """
        text = given if isinstance(given, str) else _json_of(given)
        try:
            model = self._model.model_validate_json(text.strip() or "{}", strict=True)
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise ArgumentsRefused(" ".join(self._complaint(one) for one in details[:5])) from error
        if "NaN" in text or "Infinity" in text:
            _refuse_constants(text)
        return {name: getattr(model, own) for name, own in self._own.items()}

    def call(self, function: Callable[..., Any], arguments: Mapping[str, Any], context: ToolContext) -> Any:
        """Call the function with arguments that fit, and its context where it wants one."""
        return function(**arguments, **({self._context: context} if self._context else {}))

    def _model_of(self, function: Callable[..., Any], meanings: Mapping[str, str]) -> type[BaseModel]:
        try:
            hints = typing.get_type_hints(function, include_extras=True)
        except Exception as error:
            raise ToolFault(
                f"{self.name} has a type that cannot be read ({_first_line(error)}). Import it."
            ) from error
        fields: dict[str, Any] = {}
        for place, (name, parameter) in enumerate(inspect.signature(function).parameters.items()):
            if parameter.kind not in _NAMED:
                raise ToolFault(f"{self.name} takes {parameter}: give each parameter a name of its own.")
            if name not in hints:
                raise ToolFault(f"{self.name}: the parameter {name} has no type. Write it like: {name}: str")
            if "ToolContext" in str(hints[name]):
                self._take_context(name, hints[name])
                continue
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            self._own[name] = f"field_{place}"
            fields[self._own[name]] = (
                hints[name],
                Field(default, alias=name, description=meanings.get(name) or None),
            )
        try:
            return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)
        except Exception as error:
            raise ToolFault(
                f"{self.name} has a type that cannot be used ({_first_line(error)}). Use str, int, float, "
                "bool, list, dict, Literal or a pydantic model."
            ) from error

    def _take_context(self, name: str, hint: Any) -> None:
        if hint is not ToolContext or self._context is not None:
            raise ToolFault(
                f"{self.name}: {name} is not the one ToolContext that a tool is given. "
                "Write it once, like: context: ToolContext"
            )
        self._context = name

    def _complaint(self, error: ErrorDetails) -> str:
        if error["type"] == "json_invalid":
            return f'The arguments are not JSON ({error["msg"]}). Write one JSON object like {{"name": 1}}.'
        where = ".".join(str(step) for step in error["loc"])
        if not where:
            return "The arguments must be one JSON object."
        known = ", ".join(self._own) or "none"
        if error["type"] == "missing":
            return f"{where} is missing. Give it a value."
        if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
            return f"{where} is no parameter of {self.name}. Its parameters: {known}."
        what = error["msg"].removeprefix("Input ").removeprefix("should ")
        given = _json_of(error["input"])
        cut = beginning(given, _LONGEST_SHOWN)
        shown = given if cut == given else f"{cut}…"
        return f"{where} should {what}, and is {shown}. Change it."


def _refuse_constants(text: str) -> None:
    """What pydantic reads, and JSON does not have; a text may say the words."""
    try:
        read_others_json(text)
    except ValueError as error:
        raise ArgumentsRefused(f"The arguments are not JSON ({error}). Change it.") from error


def _json_of(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _untitled(schema: Any, inside: str = "") -> Any:
    """Without pydantic's titles, which repeat the names; a parameter may be called so."""
    if isinstance(schema, list):
        return [_untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    named = inside in ("properties", "$defs")
    kept = {key: value for key, value in schema.items() if named or key != "title"}
    return {key: _untitled(value, "" if named else key) for key, value in kept.items()}
