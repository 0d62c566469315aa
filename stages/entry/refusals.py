"""Why somebody does not come in, and what the page says then."""

from collections.abc import Mapping

from study.vocabulary import StudyState
from web.problem import HttpProblem


class EntryRefused(HttpProblem):
    """Nobody comes in by this attempt; the form shows why, and perhaps one field more.

    Args:
        status: Of the answer.
        key: Of the sentence with the repair (study/strings.yaml).
        wants_code: The page asks for the resume code as well.
        headers: What the answer must carry besides.
        values: For the sentence's placeholders.
    """

    def __init__(
        self,
        status: int,
        key: str,
        *,
        wants_code: bool = False,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        super().__init__(status, key, headers=headers, field=None, **values)
        self.wants_code = wants_code

    @property
    def closed(self) -> StudyState | None:
        """What the study is when that is why nobody comes in: the page says it in the study's own words."""
        section, _, state = self.text.partition(".")
        return StudyState(state) if section == "closing" else None
