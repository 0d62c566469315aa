"""What participants read while a study is paused, and once it has ended."""

from study.definition import Study
from study.strings import Strings
from study.vocabulary import StudyState


def closing_text(study: Study, state: StudyState, strings: Strings) -> str:
    """The study's own text, or the app's in the participant's language.

    Args:
        study: Its file.
        state: Paused or ended.
        strings: In that language.

    Returns:
        Markdown.
    """
    own = study.closing.paused if state is StudyState.PAUSED else study.closing.ended
    return own or strings(f"closing.{state.value}")
