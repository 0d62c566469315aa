"""The part of a study file that says which tools an agent has."""

import re
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.parts import FileName, StudyPart, Words

_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
# The app's own: no key of ours reaches a server of tools.
_OURS: Final = ("VERBATIM_", "OPENAI_", "CHAINLIT_")


def _names_a_variable(value: str) -> str:
    """A value that stands here by mistake is a secret: what is said of it never repeats it."""
    if not _VARIABLE.fullmatch(value):
        raise PydanticCustomError(
            "variable_name",
            "must be the name of an environment variable, in capitals, and never the value itself",
        )
    if value.startswith(_OURS):
        raise PydanticCustomError(
            "variable_ours", "must be a variable of its own, none of the app's settings"
        )
    return value


VariableName: TypeAlias = Annotated[str, AfterValidator(_names_a_variable)]
HeaderName: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]


class ToolServerDefinition(StudyPart):
    """An MCP server, of whose tools the agent may call some."""

    name: Words = Field(max_length=64, description="What it is called in the log.", examples=["library"])
    command: tuple[Words, ...] = Field(
        (),
        max_length=64,
        description="How it is started, in the study's folder, to speak over its input and output. `python` "
        "is the app's own. It gets none of the app's environment but PATH, HOME and the like.",
        examples=[["python", "server.py"]],
    )
    url: Words | None = Field(
        None,
        pattern=r"^https?://",
        description="Or where it runs already, speaking streamable HTTP.",
        examples=["http://127.0.0.1:8100/mcp"],
    )
    headers: dict[HeaderName, VariableName] = Field(
        default_factory=dict,
        max_length=16,
        description="Of a url: headers that are sent with each request, and for each the environment "
        "variable that holds its whole value. The value never stands in this file.",
        examples=[{"Authorization": "CATALOGUE_AUTHORIZATION"}],
    )
    use: tuple[Words, ...] = Field(
        min_length=1,
        max_length=64,
        description="Which of its tools the agent may call. The others are as if they were not there.",
        examples=[["search"]],
    )
    acts: tuple[Words, ...] | None = Field(
        None,
        max_length=64,
        description="Which of these change something: they are called once for a decision, the others as "
        "often as they are wanted. Left out, it is as the server says.",
        examples=[["lend"]],
    )
    asks_first: dict[Words, Words] = Field(
        default_factory=dict,
        description="Which of these the participant is asked about before they are called, and with which "
        "question; for {title} stands the value of that argument.",
        examples=[{"lend": "Shall I borrow {title} for you?"}],
    )
    timeout_s: float = Field(
        30.0, gt=0, le=600, description="The longest that one call may take, in seconds.", examples=[30]
    )

    @field_validator("command", "use", "acts", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one_way(self) -> "ToolServerDefinition":
        if bool(self.command) == (self.url is not None):
            raise PydanticCustomError("server_way", "needs either 'command' or 'url'")
        if self.headers and self.url is None:
            raise PydanticCustomError("headers_of_url", "'headers' are sent to a 'url' alone")
        for name in (*(self.acts or ()), *self.asks_first):
            if name not in self.use:
                raise PydanticCustomError(
                    "not_in_use", "says how to call {name}, which is not in its 'use'", {"name": name}
                )
        return self


class ToolsDefinition(StudyPart):
    """What an agent may do beside talking."""

    module: FileName | None = Field(
        None,
        description="A Python file in the study's folder: its functions are the tools.",
        examples=["tools.py"],
    )
    use: tuple[Words, ...] = Field(
        (), max_length=64, description="Which of its functions the agent may call.", examples=[["add_item"]]
    )
    files: tuple[FileName, ...] = Field(
        (),
        max_length=64,
        description="Text files that the module reads, such as a menu: part of the study's fingerprint.",
        examples=[["menu.json"]],
    )
    servers: tuple[ToolServerDefinition, ...] = Field(
        (),
        max_length=16,
        description="MCP servers with further tools.",
        examples=[[{"name": "library", "command": ["python", "server.py"], "use": ["search"]}]],
    )
    rounds: int = Field(
        8,
        ge=1,
        le=100,
        description="How often a model may be asked in one reply: each round, it calls tools or answers.",
        examples=[8],
    )

    @property
    def names(self) -> tuple[str, ...]:
        """All tools, as the file names them."""
        return (*self.use, *(name for server in self.servers for name in server.use))

    @field_validator("use", "files", "servers", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("use")
    @classmethod
    def _differ(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for index, name in enumerate(value):
            if name in value[:index]:
                raise PydanticCustomError("tool_twice", "names {name} twice", {"name": name})
        return value

    @model_validator(mode="after")
    def _something_to_call(self) -> "ToolsDefinition":
        if self.module is None and not self.servers:
            raise PydanticCustomError("no_tools", "names no tools")
        if self.module is None and self.use:
            raise PydanticCustomError("use_of_module", "names functions, and no 'module' that they are in")
        if self.module is not None and not self.use:
            raise PydanticCustomError(
                "module_and_use", "needs 'use': the functions of 'module' that the agent may call"
            )
        return self
