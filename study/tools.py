"""The part of a study file that says which tools an agent has."""

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.parts import FileName, StudyPart, Words


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
    use: tuple[Words, ...] = Field(
        min_length=1,
        max_length=64,
        description="Which of its tools the agent may call. The others are as if they were not there.",
        examples=[["search"]],
    )
    timeout_s: float = Field(
        30.0, gt=0, le=600, description="The longest that one call may take, in seconds.", examples=[30]
    )

    @field_validator("command", "use", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one_way(self) -> "ToolServerDefinition":
        if bool(self.command) == (self.url is not None):
            raise PydanticCustomError("server_way", "needs either 'command' or 'url'")
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
