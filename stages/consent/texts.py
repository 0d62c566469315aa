"""What a consent shows, and whether it is still what was shown under its version."""

import hashlib
import json
from collections.abc import Iterable

from data_layer.people.consents import ShownConsent
from study.forms.texts import text_in
from study.loader import LoadedStudy
from study.protocol.languages import text_for
from study.protocol.stages import ConsentDefinition


def boxes_in(stage: ConsentDefinition, language: str) -> dict[str, str]:
    """The words of each box in a language."""
    return {name: text_in(words, language) for name, words in stage.boxes.items()}


def text_shown(study: LoadedStudy, stage: ConsentDefinition, language: str) -> str:
    """What is agreed to, as it is shown: the text and each box, as JSON, so that its hash says all of it."""
    shown = {"text": text_for(study.texts, stage.text, language), "boxes": boxes_in(stage, language)}
    return json.dumps(shown, ensure_ascii=False, indent=1)


def hash_shown(text: str) -> str:
    """The SHA-256 of what is shown, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def changed_consents(study: LoadedStudy, shown: Iterable[ShownConsent]) -> list[str]:
    """Find texts that are others now than when somebody decided on them under the same version.

    Args:
        study: As it is about to run.
        shown: What was decided on.

    Returns:
        A sentence for each, with the repair.
    """
    kept: dict[tuple[str, str, str], set[str]] = {}
    for one in shown:
        kept.setdefault((one.stage_id, one.version, one.language), set()).add(one.text_hash)
    protocol = study.definition.protocol
    found = []
    for stage in protocol.stages if protocol is not None else ():
        if not isinstance(stage, ConsentDefinition):
            continue
        for (stage_id, version, language), hashes in sorted(kept.items()):
            if (stage_id, version) != (stage.id, stage.version):
                continue
            if hash_shown(text_shown(study, stage, language)) not in hashes:
                found.append(
                    f"{study.folder / stage.text}, the stage {stage.id}: participants have decided on "
                    f"another text under version {version!r} (read in {language!r}). Write a new version: "
                    'into study.yaml, like: version: "2"; or put the earlier words back.'
                )
    return found
