"""What a study file may say, and whoever runs the study should know what it means."""

from study.loader import STUDY_FILE, LoadedStudy
from study.participation import LoginMode


def warnings_of(study: LoadedStudy) -> list[str]:
    """Look for what is right and yet may surprise.

    Returns:
        A sentence for each, with its file and key; empty where there is nothing to say.
    """
    login = study.definition.login
    where = study.folder / STUDY_FILE
    if login.mode == LoginMode.OPEN.value:
        return [
            f"{where}, login.mode: with `open`, whoever writes a participant's name reads that participant's "
            "conversations and goes on with them in their place. Use it where that does no harm: in a "
            "laboratory, in a class. `claim` asks for a name alone as well, and keeps others out."
        ]
    return []
