"""What participants do with their own threads, by whichever door: only what is theirs and there."""

from data_layer.conversations.threads import owner_of
from data_layer.database.text import clean_tags
from data_layer.record import Record
from data_layer.writing.outcome import Outcome
from data_layer.writing.writes import (
    DeleteThread,
    RenameThread,
    RestoreThread,
    TagThread,
    UnarchiveThread,
    Write,
)
from web.problem import HttpProblem

LONGEST_TITLE = 2_000
MOST_TAGS_READ = 100


class OwnThreads:
    """Changes threads for their participants.

    Args:
        record: Written to, and told of refusals.
    """

    def __init__(self, record: Record) -> None:
        self._record = record

    async def rename(self, participant_id: str, thread_id: str, title: str) -> None:
        """Give a thread a title.

        Raises:
            HttpProblem: There is no such thread of theirs, or the title is none.
        """
        if not title.strip() or len(title) > LONGEST_TITLE:
            raise HttpProblem(400, "asked.not_readable")
        await self._check_own(participant_id, thread_id, "rename")
        await self._submit(RenameThread(thread_id, title, self._record.now(), participant_id), participant_id)

    async def delete(self, participant_id: str, thread_id: str) -> None:
        """Take a thread off the list; it can be brought back.

        Raises:
            HttpProblem: There is no such thread of theirs.
        """
        await self._check_own(participant_id, thread_id, "delete")
        await self._submit(DeleteThread(thread_id, self._record.now(), participant_id), participant_id)

    async def restore(self, participant_id: str, thread_id: str) -> None:
        """Bring a thread back; one that was not deleted is there already.

        Raises:
            HttpProblem: There is no such thread of theirs, or somebody else took it away.
        """
        await self._submit(RestoreThread(thread_id, self._record.now(), participant_id), participant_id)

    async def unarchive(self, participant_id: str, thread_id: str) -> list[str]:
        """Bring an archived thread back to the list.

        Returns:
            The titles of those that were archived for it.

        Raises:
            HttpProblem: There is no such thread of theirs.
        """
        write = UnarchiveThread(thread_id, self._record.now(), participant_id)
        outcome = await self._submit(write, participant_id)
        return [row["title"] for row in outcome.archived]

    async def tag(self, participant_id: str, thread_id: str, given: list[str]) -> list[str]:
        """Set a thread's tags.

        Returns:
            The tags as they are kept.

        Raises:
            HttpProblem: There is no such thread of theirs, or these are too many.
        """
        if len(given) > MOST_TAGS_READ:
            raise HttpProblem(400, "asked.not_readable")
        tags = clean_tags(given)
        await self._check_own(participant_id, thread_id, "tag")
        write = TagThread(thread_id, tuple(tags), self._record.now(), participant_id)
        await self._submit(write, participant_id)
        return tags

    async def _check_own(self, participant_id: str, thread_id: str, what: str) -> None:
        """See that a thread is theirs and there: one answer for all else."""
        owner = await owner_of(self._record.database, thread_id)
        if owner is None or owner != participant_id:
            self._refuse(participant_id, what, "there is no such thread of theirs")

    async def _submit(self, write: Write, participant_id: str) -> Outcome:
        outcome = await self._record.writer.submit(write)
        if outcome.refused is not None:
            self._refuse(participant_id, type(write).__name__, outcome.refused)
        return outcome

    def _refuse(self, participant_id: str, what: str, why: str) -> None:
        self._record.refused(f"thread {what}", why, participant_id)
        raise HttpProblem(404, "asked.no_such_thing")
