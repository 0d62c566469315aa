"""The part of a study file that says which tools an agent has."""

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.parts import FileName, StudyPart, Words


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
    rounds: int = Field(
        8,
        ge=1,
        le=100,
        description="How often a model may be asked in one reply: each round, it calls tools or answers.",
        examples=[8],
    )

    @field_validator("use", "files", mode="before")
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
        if self.module is None:
            raise PydanticCustomError("no_tools", "names no tools")
        if not self.use:
            raise PydanticCustomError(
                "module_and_use", "needs 'use': the functions of 'module' that the agent may call"
            )
        return self
