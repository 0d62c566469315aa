"""Forms in an export: a row an item, and the way to a row a form."""

import asyncio
import runpy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from agent.events import FormAsked, TextDelta
from data_layer.record import Record
from exports import load
from stages.chat.stage import ChatStage
from study.forms import Form
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.fakes import FakeAgent, FakeAgents
from tests.stages.talk import LIMIT, Talk, words

ORDER = Form.model_validate(
    {
        "id": "order",
        "items": [
            {
                "id": "drink",
                "kind": "choice",
                "label": "Which?",
                "options": [{"value": "tea", "label": "Tea"}, {"value": "coffee", "label": "Coffee"}],
                "other": True,
                "shuffle": True,
            },
            {"id": "cups", "kind": "number", "label": "How many?", "required": False},
        ],
    }
)


async def answered(record: Record, **values: Any) -> None:
    """Somebody is asked, and answers."""
    await asked_and_answered(record, ORDER, **values)


async def asked_and_answered(record: Record, form: Form, **values: Any) -> None:
    """Somebody is asked with a form, and answers it."""
    agent = FakeAgent()
    person = await record.enter(f"Ada {values}", f"ada {values}")
    talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT), record, person.participant_id)
    agent.enqueue(TextDelta("Which drink?"), FormAsked(form))
    await talk.say("Hello")
    agent.enqueue(*words("Coming."))
    await talk.answer(next(iter(talk.screen.forms)), **values)
    await record.writer.flush()


@pytest.mark.parametrize("kind", ["parquet", "csv"])
async def test_forms_are_exported_long_and_wide(record: Record, out: Path, kind: str) -> None:
    """Values, codes and words of each answer; a table a form, with what may be chosen; proved."""
    await answered(record, drink="coffee", cups="2")
    await answered(record, drink="other", drink_other="Mate")
    await asyncio.to_thread(export_to, record.database.url, out, formats=(kind,))
    long = load(out)["form_answers"].sort_values("seq")
    told = long[["item", "state", "value", "number", "value_label", "other"]].astype(object)
    assert told.where(pd.notna(told), None).to_numpy().tolist() == [
        ["drink", "answered", "coffee", 2.0, "Coffee", None],
        ["cups", "answered", "2", 2.0, "2", None],
        ["drink", "answered", "other", None, "Mate", "Mate"],
        ["cups", "skipped", None, None, None, None],
    ]
    read = runpy.run_path(str(out / "load.py"))
    wide = read["wide"]["order"]
    assert list(wide.columns) == ["thread_id", "form_id", "drink", "cups", "drink_other"]
    assert sorted(wide["drink"]) == ["coffee", "other"]
    assert wide.set_index("drink").loc["other", "drink_other"] == "Mate"
    assert read["levels"]["order", "drink"].to_numpy().tolist() == [
        ["tea", 1, "Tea"],
        ["coffee", 2, "Coffee"],
    ]
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []
