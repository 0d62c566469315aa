"""The coffee shop, with a counter that writes down each thing that is done, and one who asks in forms."""

import shutil
from pathlib import Path
from typing import Final

from bench.dialogs import STUDY

INTERVIEWER: Final = "Interviewer"
FORMS: Final = ("visit", "taste", "next_time")

_INTERVIEWER: Final = f"""
  - name: {INTERVIEWER}
    kind: scripted
    reply: "Thank you. I have a few questions."
    asks: [visit, taste, next_time]
    delta_words: 1
    delay_ms: 40
attachments: {{kinds: [image]}}
forms:
  - id: visit
    title: Your visit
    items:
      - {{id: often, kind: choice, label: "How often do you come?", options: [Daily, Weekly], other: true}}
      - {{id: cups, kind: number, label: "How many cups a day?", least: 0, most: 20}}
      - {{id: milk, kind: choices, label: "What do you take?", least: 1,
         options: [Milk, Sugar, {{value: Nothing, alone: true}}]}}
      - {{id: why, kind: text, label: "Why?", required: false, show_if: {{item: often, is: Daily}}}}
  - id: taste
    items:
      - {{id: how, kind: scale, label: "How was it?", most: 7}}
      - {{id: warm, kind: slider, label: "How warm?"}}
      - {{id: best, kind: ranking, label: "Best first", options: [Latte, Mocha, Cortado]}}
      - {{id: picture, kind: file, label: "A picture of it", new_page: true}}
  - id: next_time
    items:
      - {{id: again, kind: yes_no, label: "Will you come again?", display: buttons}}
"""

# What is done stands on the disk before the record knows that it was: as where somebody pays.
_LEDGER: Final = """

async def _put(context: ToolContext, orders: dict[str, Any]) -> None:
    with Path(__file__).with_name("ledger.txt").open("a") as ledger:
        ledger.write(f"{context.thread_id} {context.idempotency_key}\\n")
        ledger.flush()
        os.fsync(ledger.fileno())
    # So that a kill finds tools in the middle of what they do.
    await asyncio.sleep(0.1)
    await context.store.put(_ORDERS, orders)
"""


def make_shop(folder: Path) -> Path:
    """Write the study.

    Args:
        folder: An empty one.

    Returns:
        The study's folder.
    """
    shop = folder / "study"
    shutil.copytree(STUDY, shop)
    tools = (shop / "tools.py").read_text(encoding="utf-8")
    assert tools.count("await context.store.put(_ORDERS, orders)") > 3
    tools = tools.replace("await context.store.put(_ORDERS, orders)", "await _put(context, orders)")
    tools = tools.replace("from collections", "import asyncio\nimport os\nfrom collections", 1) + _LEDGER
    (shop / "tools.py").write_text(tools, encoding="utf-8")
    study = (shop / "study.yaml").read_text(encoding="utf-8")
    before, login, after = study.partition("login:\n")
    (shop / "study.yaml").write_text(f"{before.rstrip()}{_INTERVIEWER}{login}{after}", encoding="utf-8")
    return shop


def ledger_of(shop: Path) -> list[str]:
    """What was done, one line a thing: the thread, and the key of the decision."""
    return (shop / "ledger.txt").read_text(encoding="utf-8").splitlines()
