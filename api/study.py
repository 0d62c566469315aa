"""What a front end needs to know of the study, and nothing that a participant must not see."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.common import Language
from api.context import Context
from study.closing import closing_text
from study.participation import AttachmentRules, RatingRules, Sharing
from study.strings import LANGUAGES
from study.vocabulary import StudyState

router = APIRouter(tags=["The study"])


class OfferedAgent(BaseModel):
    """Who can answer."""

    name: str
    description: str = Field(description="Markdown; may be empty.")
    default: bool = Field(description="Whether it answers where nobody is named.")


class OfferedStarter(BaseModel):
    """A message that is offered before the participant has written one."""

    label: str
    message: str


class AboutStudy(BaseModel):
    """The study."""

    id: str
    title: str
    contact: str = Field(description="Whom participants can ask.")
    welcome: str = Field(description="Markdown: what stands before the first message.")
    state: StudyState = Field(
        description="open; paused: nobody new comes in; ended: nothing new is written, all can be read."
    )
    notice: str | None = Field(description="Markdown: what is said while it is paused or ended.")
    login: str = Field(description="How people come in: claim, open, link or password.")
    parameters: list[str] = Field(
        description="What POST /auth/enter takes of a recruiting service; empty where none leads here."
    )
    agents: list[OfferedAgent] = Field(description="In the study's order.")
    starters: list[OfferedStarter]
    ratings: RatingRules
    attachments: AttachmentRules | None = Field(description="null: nothing can be attached.")
    sharing: Sharing | None = Field(description="null: there are no links.")
    message_length: int = Field(description="The most characters of a message that an agent reads.")
    active_threads: int | None = Field(
        description="The most threads with one agent on the list; the one untouched longest is archived."
    )
    warn: int = Field(description="From how many messages, or minutes, before the end to say what is left.")
    languages: list[str] = Field(
        description="Of what the app says: by the header Accept-Language; one where the study has one."
    )


@router.get("/study", summary="About the study")
async def about(context: Context, strings: Language) -> AboutStudy:
    """Say what a front end needs to know before somebody has come in."""
    study = context.study.definition
    state = await context.record.controls.state()
    described = {agent.name: agent.description or "" for agent in study.agents}
    return AboutStudy(
        id=study.id,
        title=study.title,
        contact=study.contact,
        welcome=study.welcome,
        state=state,
        notice=None if state is StudyState.OPEN else closing_text(study, state, strings),
        login=study.login.mode,
        parameters=list(study.login.parameters) if study.login.mode == "link" else [],
        agents=[
            OfferedAgent(
                name=agent.name,
                description=described.get(agent.name, ""),
                default=agent is context.agents.default,
            )
            for agent in context.agents.offered
        ],
        starters=[OfferedStarter(label=one.label, message=one.message) for one in study.starters],
        ratings=study.ratings,
        attachments=study.attachments,
        sharing=study.sharing,
        message_length=study.limits.message_length,
        active_threads=study.limits.active_threads,
        warn=study.limits.warn,
        languages=[study.language] if study.language else list(LANGUAGES),
    )
