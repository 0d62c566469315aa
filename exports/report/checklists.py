"""CONSORT's and GUIDE-LLM's lists: what the record can answer is answered, the rest is its author's.

Items are named by their numbers and described in words of our own; the lists have the authors' words.
"""

from collections.abc import Collection, Iterable
from typing import Final

from exports.report.counted import CountedStudy
from exports.report.methods import TO_WRITE, counts
from study.assignment import AssignmentMethod

Item = tuple[str, str, str]
_CONSORT: Final = """# CONSORT 2010

K. F. Schulz, D. G. Altman & D. Moher, BMJ 340, 2010, c332. What is marked is the author's to fill.
"""
_GUIDE: Final = """# GUIDE-LLM

The core items of the checklist at https://www.llm-checklist.com, in short. What is marked is the author's to
fill.
"""


def consort_md(study: CountedStudy, revealed: Collection[str]) -> bytes:
    """Fill CONSORT's list.

    Args:
        study: The numbers.
        revealed: The ledgers whose seed lies in the export.
    """
    return _table(_CONSORT, _consort(study, revealed))


def guide_llm_md(study: CountedStudy) -> bytes:
    """Fill GUIDE-LLM's list.

    Args:
        study: The numbers.
    """
    return _table(_GUIDE, _guide(study))


def _consort(study: CountedStudy, revealed: Collection[str]) -> list[Item]:
    flow, methods = study.flow, {one.plan.method for one in study.ledgers}
    hashes = ", ".join(f"`{one.seed_hash}`" for one in study.ledgers)
    known = all(one.ledger_id in revealed for one in study.ledgers)
    sealed = f"SHA-256 of the seed: {hashes}." if hashes else ""
    proof = "`assignment/` replays it." if known and hashes else "The seed is known after the study's end."
    target = ", ".join(f"{one.plan.target:,}" for one in study.ledgers if one.plan.target is not None)
    arms = "; ".join(
        f"{name}: assigned {arm.assigned:,}, under way {arm.under_way:,}, withdrew {arm.withdrew:,}, ended "
        f"{counts(arm.endings) or 'none'}, analysed {arm.usable:,}"
        for name, arm in study.arms.items()
    )
    losses = counts(study.why_not)
    kinds = ", ".join(sorted(one.value for one in methods))
    blocks = next(
        (one.plan.lengths for one in study.ledgers if one.plan.method is AssignmentMethod.BLOCKS), ()
    )
    ratio = "; ".join(
        ", ".join(f"{name} {weight}" for name, weight in one.plan.weights.items()) for one in study.ledgers
    )
    restricted = f"Blocks of {' or '.join(map(str, blocks))}, lengths drawn. " if blocks else ""
    strata = sorted({name for one in study.ledgers for name in one.plan.strata})
    if len(strata) > 1:
        restricted += f"Strata: {', '.join(strata)}. "
    assigned = bool(study.ledgers)
    return [
        ("1a, 1b", "Title and abstract name it a randomised trial", TO_WRITE),
        ("2a, 2b", "Background and objectives", TO_WRITE),
        ("3a", "Design and ratio", f"{ratio}. {TO_WRITE}" if ratio else TO_WRITE),
        (
            "3b",
            "Changes after the start",
            f"Plans of assignment: {len(study.ledgers)}. {TO_WRITE}" if assigned else TO_WRITE,
        ),
        ("4a", "Who could take part", TO_WRITE),
        ("4b", "Where data were collected", f"Online, in Verbatim. {TO_WRITE}"),
        ("5", "What each group went through", f"Tables `prompts`, `messages`, `llm_calls`. {TO_WRITE}"),
        ("6a, 6b", "Outcomes", f"Tables `survey_answers`, `scores`. {TO_WRITE}"),
        ("7a", "Sample size", f"Target in each condition: {target}. {TO_WRITE}" if target else TO_WRITE),
        ("7b", "Interim looks and stopping", TO_WRITE),
        (
            "8a",
            "How the sequence was made",
            f"Draws by SHA-256 from a seed. {sealed}" if assigned else TO_WRITE,
        ),
        ("8b", "Kind and restriction", f"{kinds}. {restricted}".strip() if assigned else TO_WRITE),
        ("9", "How the sequence was concealed", f"By the server. {proof}" if assigned else TO_WRITE),
        ("10", "Who drew, enrolled and assigned", "The server did all three." if assigned else TO_WRITE),
        ("11a, 11b", "Who was blinded", f"Participants are shown no condition. {TO_WRITE}"),
        ("12a, 12b", "Statistical methods", TO_WRITE),
        ("13a", "Numbers by group: assigned, treated, analysed", arms or f"Analysed {flow.usable:,}."),
        ("13b", "Losses and exclusions, with reasons", losses or "None."),
        ("14a", "Dates", f"{study.first} to {study.last} (UTC)."),
        ("14b", "Why it ended", TO_WRITE),
        ("15", "Baseline of each group", f"Table `survey_answers_wide`. {TO_WRITE}"),
        ("16", "Numbers in each analysis", f"Usable: {flow.usable:,} of {flow.came:,}. {TO_WRITE}"),
        ("17a, 17b, 18", "Results and further analyses", TO_WRITE),
        ("19", "Harms", TO_WRITE),
        (
            "20, 21, 22",
            "Limitations, generalisability, interpretation",
            f"{study.dropout.sentence} {TO_WRITE}",
        ),
        ("23, 24", "Registration and protocol", TO_WRITE),
        ("25", "Funding", TO_WRITE),
    ]


def _guide(study: CountedStudy) -> list[Item]:
    models = "; ".join(
        f"{day.day}: {day.asked or '?'} ({day.provider or '?'}), served {day.served or 'not said'}, "
        f"{day.calls:,} calls, {day.failed:,} failed"
        for day in study.models
    )
    parameters = "; ".join(f"`{told}` in {count:,} calls" for told, count in sorted(study.parameters.items()))
    none = "No model was asked."
    return [
        ("A.1", "What models were used for", f"To talk with participants. {TO_WRITE}" if models else none),
        (
            "A.2",
            "How far people were in the loop",
            f"`llm_calls` has the call behind each reply. {TO_WRITE}",
        ),
        ("B.1", "Which model, of whom, when", f"{models}. Size and source: {TO_WRITE}" if models else none),
        ("B.2", "By which way it was asked", "By its API; `llm_calls` has each call." if models else none),
        ("B.3", "Parameters", parameters or none),
        ("B.4", "Fine-tuning", TO_WRITE),
        (
            "B.5",
            "What it remembered",
            "Nothing of itself: each prompt is whole in `prompts`." if models else none,
        ),
        ("C.1", "The exact prompts", f"{study.prompts:,} in the table `prompts`."),
        ("C.2", "System prompts", "The first message of each prompt there." if models else none),
        ("D.1", "Personal data", f"Consents: table `consents`; names are no part of the export. {TO_WRITE}"),
        ("E.1", "How outputs were checked by people", f"Tables `annotations`, `codes`. {TO_WRITE}"),
        ("E.2", "What was done to outputs", f"Table `revisions` has each change. {TO_WRITE}"),
        ("F.1", "Code that asked it", f"Verbatim, at the version in `manifest.json`. {TO_WRITE}"),
        ("G.1", "Funding and relationships", TO_WRITE),
    ]


def _table(head: str, items: Iterable[Item]) -> bytes:
    lines = [f"| {number} | {what} | {_cell(told)} |" for number, what, told in items]
    return "\n".join([head, "| item | what | here |", "|---|---|---|", *lines, ""]).encode()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
