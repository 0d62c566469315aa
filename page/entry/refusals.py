"""Why somebody does not come in, and what the page says then."""

from collections.abc import Mapping

from study.vocabulary import StudyState


class EntryRefused(Exception):
    """Nobody comes in by this attempt.

    Args:
        status: Of the answer.
        key: Of the sentence with the repair (study/strings.yaml).
        wants_code: The page asks for the resume code as well.
        retry_after_s: When it is worth trying again.
        values: For the sentence's placeholders.
    """

    def __init__(
        self,
        status: int,
        key: str,
        *,
        wants_code: bool = False,
        retry_after_s: int | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.wants_code = wants_code
        self.retry_after_s = retry_after_s
        self.values = dict(values or {})

    @property
    def closed(self) -> StudyState | None:
        """What the study is when that is why nobody comes in: the page says it in the study's own words."""
        section, _, state = self.key.partition(".")
        return StudyState(state) if section == "closing" else None
