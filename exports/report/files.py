"""The folder `report` of an export of a whole study with a protocol."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from exports.columns.derived import ReadColumns
from exports.report.checklists import consort_md, guide_llm_md
from exports.report.counted import CountedStudy, counted_study
from exports.report.methods import methods_md
from exports.report.svg import flow_svg

FOLDER: Final = "report"


def report_files(read: Mapping[str, ReadColumns], revealed: Collection[str]) -> dict[str, bytes]:
    """Write the report.

    Args:
        read: Reads the tables that it is counted from.
        revealed: The ledgers whose seed lies in the export.

    Returns:
        By the file's path below the export; none where nobody has begun a protocol.
    """
    study = counted_study(read)
    if study is None:
        return {}
    models = ((one.day, one.provider, one.asked, one.served, one.calls, one.failed) for one in study.models)
    return {
        f"{FOLDER}/flow.svg": flow_svg(study.flow, study.arms),
        f"{FOLDER}/flow.csv": _csv(("what", "stage", "condition", "detail", "participants"), _flow(study)),
        f"{FOLDER}/models.csv": _csv(("day", "provider", "asked", "served", "calls", "failed"), models),
        f"{FOLDER}/methods.md": methods_md(study, revealed),
        f"{FOLDER}/consort.md": consort_md(study, revealed),
        f"{FOLDER}/guide-llm.md": guide_llm_md(study),
    }


def _flow(study: CountedStudy) -> Iterator[Sequence[Any]]:
    flow = study.flow
    yield "assessed", "", "", "", flow.came
    yield "opened nothing", "", "", "", flow.unopened
    yield "withdrew", "", "", "", flow.withdrew
    for stage in flow.stages:
        yield "entered", stage.stage_id, "", "", stage.entered
        yield "still there", stage.stage_id, "", "", stage.here
        yield from (("ended", stage.stage_id, "", ending, count) for ending, count in stage.ended.items())
    yield "analysed", "", "", "", flow.usable
    yield from (("not analysed", "", "", reason, count) for reason, count in study.why_not.items())
    for name, arm in study.arms.items():
        yield "assigned", "", name, "", arm.assigned
        yield "withdrew", "", name, "", arm.withdrew
        yield "still there", "", name, "", arm.under_way
        yield from (("ended", "", name, ending, count) for ending, count in arm.endings.items())
        yield "analysed", "", name, "", arm.usable
        yield from (("not analysed", "", name, reason, count) for reason, count in arm.why_not.items())


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
