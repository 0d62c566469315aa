"""The chat as a stage of a protocol: its thread, what the agent says first, and when one may go on."""

import uuid
from collections.abc import Mapping
from typing import Any, Final, cast

from data_layer.database.rows import Row
from data_layer.writing.writes import PutStep, PutThread
from stages.protocol.handling import AtStage, Posted, Posting
from study.protocol.machine import AgentGone, Talked, lacking
from study.protocol.stages import ChatDefinition
from study.vocabulary import Status, StepType

# Threads of stages are named by who stands where, so that nobody makes two of one.
_THREADS: Final = uuid.UUID("6f0d8a1e-2b4c-4c57-9a64-5d1c7f6f5d3a")


def thread_of(participant_id: str, visit: int) -> str:
    """The thread of a visit of a chat.

    Args:
        participant_id: Whose.
        visit: When they came to the chat.
    """
    return str(uuid.uuid5(_THREADS, f"{participant_id}/{visit}"))


class ChatHandler:
    """The stage of kind chat."""

    async def shown(self, here: AtStage) -> Mapping[str, Any]:
        """Its thread, made where it is not there yet, and what lacks until one may go on."""
        stage = cast(ChatDefinition, here.stage)
        thread_id = thread_of(here.participant_id, here.position.visit)
        so_far = await here.record.participations.chat(thread_id)
        if not so_far.said:
            await here.record.store.commit(*self._beginning(here, stage, thread_id))
        turns, seconds = lacking(stage, so_far.turns, self._seconds(here))
        is_gone = bool(turns or seconds) and await self._is_gone(here, stage, thread_id)
        return {
            "thread_id": thread_id,
            "turns_lacking": 0 if is_gone else turns,
            "seconds_lacking": 0 if is_gone else seconds,
            "agent_gone": is_gone,
            "may": stage.participant_may,
        }

    async def take(self, here: AtStage, posted: Posted) -> Posting:
        """Go on: the machine says whether it is too early, unless nobody is there to talk with."""
        stage = cast(ChatDefinition, here.stage)
        thread_id = thread_of(here.participant_id, here.position.visit)
        so_far = await here.record.participations.chat(thread_id)
        lacks = any(lacking(stage, so_far.turns, self._seconds(here)))
        if lacks and await self._is_gone(here, stage, thread_id):
            return Posting(AgentGone())
        return Posting(Talked(so_far.turns, self._seconds(here)))

    async def again(self, _here: AtStage) -> Mapping[str, str]:
        """Nothing: it is no page of fields."""
        return {}

    def entering(self, _here: AtStage) -> Row | None:
        """Nothing: the thread says all."""
        return None

    @staticmethod
    async def _is_gone(here: AtStage, stage: ChatDefinition, thread_id: str) -> bool:
        """Whether the study has an ending for it, and the agent has failed often enough."""
        if stage.on_failure is None:
            return False
        return await here.record.participations.failures(thread_id) >= stage.failures

    @staticmethod
    def _seconds(here: AtStage) -> float:
        return (here.record.now() - here.position.entered_at).total_seconds()

    @staticmethod
    def _beginning(here: AtStage, stage: ChatDefinition, thread_id: str) -> list[PutThread | PutStep]:
        now = here.record.now()
        agent = _agent_of(here, stage)
        title = here.study.definition.title
        writes: list[PutThread | PutStep] = [PutThread(thread_id, here.participant_id, now, title, agent)]
        if stage.opening is not None:
            row: Row = {
                "step_id": str(uuid.uuid5(_THREADS, f"{thread_id}/opening")),
                "thread_id": thread_id,
                "type": StepType.ASSISTANT_MESSAGE.value,
                "name": agent,
                "status": Status.COMPLETE.value,
                "output": here.text(stage.opening).strip(),
                "created_at": now,
            }
            writes.append(PutStep(row, now, creates=True))
        return writes


def _agent_of(here: AtStage, stage: ChatDefinition) -> str:
    """Who answers in this chat: as the participant's condition says, else the stage, else the study."""
    protocol = here.study.definition.protocol
    conditions = protocol.conditions if protocol is not None else None
    own = None
    if conditions is not None and here.condition in conditions.names:
        own = conditions.overrides_of(here.condition).agent
    return own or stage.agent or here.study.definition.default_agent.name
