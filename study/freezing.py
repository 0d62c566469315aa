"""What is written when a study is frozen: its files by their SHA-256, and a preregistration to go on with."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from study.loader import STUDY_FILE, LoadedStudy

_TO_WRITE: Final = "**To be written.**"


def file_hashes(study: LoadedStudy) -> dict[str, str]:
    """The SHA-256 of study.yaml and of every file that it names, by name."""
    names = sorted({STUDY_FILE, *study.texts})
    return {name: hashlib.sha256((study.folder / name).read_bytes()).hexdigest() for name in names}


def freeze_json(study: LoadedStudy, seed_hash: str | None, at: datetime) -> str:
    """Write freeze.json.

    Args:
        study: As it is frozen.
        seed_hash: That of its seed; None where it assigns nobody.
        at: When.
    """
    told = {
        "study": study.definition.id,
        "fingerprint": study.fingerprint,
        "files": file_hashes(study),
        "seed_sha256": seed_hash,
        "frozen_at": at.isoformat(timespec="seconds"),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def preregistration(study: LoadedStudy, seed_hash: str | None, at: datetime) -> str:
    """Write preregistration.md, in the order of AsPredicted's form (https://aspredicted.org).

    Args:
        study: As it is frozen.
        seed_hash: That of its seed; None where it assigns nobody.
        at: When.
    """
    parts = (
        ("Data so far", _TO_WRITE),
        ("Question or hypothesis", _TO_WRITE),
        ("Dependent variables", f"{_surveys(study)} {_TO_WRITE}".strip()),
        ("Conditions", _conditions(study, seed_hash)),
        ("Analyses", _TO_WRITE),
        ("Exclusions", _exclusions(study)),
        ("Sample size", _size(study)),
        ("Anything else", _TO_WRITE),
    )
    return _written(study, parts, at)


def osf_preregistration(study: LoadedStudy, seed_hash: str | None, at: datetime) -> str:
    """Write preregistration-osf.md, in the order of OSF's form (https://osf.io/registries).

    Args:
        study: As it is frozen.
        seed_hash: That of its seed; None where it assigns nobody.
        at: When.
    """
    assigns = seed_hash is not None
    stop_at = study.definition.protocol.recruit.stop_at if study.definition.protocol is not None else None
    sealed = f"Who comes next is drawn from a seed that nobody sees before the end. {_TO_WRITE}"
    parts = (
        ("Title", study.definition.title),
        ("Description", _TO_WRITE),
        ("Hypotheses", _TO_WRITE),
        ("Study type", "Experiment." if assigns else _TO_WRITE),
        ("Blinding", sealed if assigns else _TO_WRITE),
        ("Study design", _conditions(study, seed_hash)),
        ("Randomization", _conditions(study, seed_hash) if assigns else "None."),
        ("Existing data", _TO_WRITE),
        ("Data collection procedures", _TO_WRITE),
        ("Sample size", _size(study)),
        ("Sample size rationale", _TO_WRITE),
        ("Stopping rule", _TO_WRITE if stop_at is None else f"After {stop_at} usable participants."),
        ("Manipulated variables", _conditions(study, seed_hash)),
        ("Measured variables", f"{_surveys(study)} {_TO_WRITE}".strip()),
        ("Indices", _TO_WRITE),
        ("Statistical models", _TO_WRITE),
        ("Transformations", _TO_WRITE),
        ("Inference criteria", _TO_WRITE),
        ("Data exclusion", _exclusions(study)),
        ("Missing data", _TO_WRITE),
        ("Exploratory analysis", _TO_WRITE),
        ("Other", _TO_WRITE),
    )
    return _written(study, parts, at)


def _written(study: LoadedStudy, parts: Sequence[tuple[str, str]], at: datetime) -> str:
    head = (
        f"# {study.definition.title}\n\nFrozen {at:%Y-%m-%d %H:%M} UTC. Fingerprint `{study.fingerprint}`.\n"
    )
    return head + "".join(
        f"\n## {number}. {name}\n\n{said}\n" for number, (name, said) in enumerate(parts, 1)
    )


def _surveys(study: LoadedStudy) -> str:
    return "\n".join(
        f"- `{name}`: {', '.join(item.id for item in survey.asked)}" for name, survey in study.surveys.items()
    ) + ("\n\n" if study.surveys else "")


def _conditions(study: LoadedStudy, seed_hash: str | None) -> str:
    protocol = study.definition.protocol
    if protocol is None or protocol.conditions is None or protocol.assign is None:
        return "One: all participants go through the same."
    rule = protocol.assign
    names = ", ".join(protocol.conditions.names)
    count = len(protocol.conditions.names)
    said = f"{count}: {names}. Assigned on coming to `{rule.at}`, method `{rule.method}`"
    if rule.within:
        said += f", within {', '.join(rule.within)}"
    return f"{said}. SHA-256 of the seed: `{seed_hash}`."


def _exclusions(study: LoadedStudy) -> str:
    protocol = study.definition.protocol
    if protocol is None:
        return _TO_WRITE
    rule = protocol.usable
    said = [f"Usable is who ended as `{rule.ending}`"]
    if rule.turns.least is not None:
        said.append(f"wrote at least {rule.turns.least} messages in each chat")
    if rule.turns.most is not None:
        said.append(f"wrote at most {rule.turns.most} messages in each chat")
    if rule.attention_failed is not None:
        said.append(f"failed at most {rule.attention_failed} attention checks")
    return f"{', '.join(said)}. Outliers: {_TO_WRITE}"


def _size(study: LoadedStudy) -> str:
    protocol = study.definition.protocol
    if protocol is None or (protocol.assign is None and protocol.recruit.stop_at is None):
        return _TO_WRITE
    said = []
    if protocol.assign is not None:
        filled = protocol.assign.filled_by
        said.append(
            f"{protocol.assign.target} {filled} participants in each condition, for each one of its weight."
        )
    if protocol.recruit.stop_at is not None:
        said.append(f"Nobody new comes in after {protocol.recruit.stop_at} usable participants.")
    return " ".join(said)
