"""The load bench's participants, in a process of their own, so that they cost the server nothing.

`python -m bench.load_client URL --participants N --out FILE` writes what was measured and seen.
"""

import argparse
import asyncio
import json
import time
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from simulation.browser import Door
from simulation.participant import Manner, ParticipantScript
from simulation.run import take_part
from study.vocabulary import Transport


def hands_of(participants: int, messages: int) -> dict[str, list[ParticipantScript]]:
    """Give each participant one thread with so many short messages.

    Args:
        participants: How many.
        messages: How many each.
    """
    return {
        f"load-{number + 1:04d}": [
            ParticipantScript("", [(str(uuid4()), f"message {place + 1}", True) for place in range(messages)])
        ]
        for number in range(participants)
    }


def main() -> None:
    """Run the participants and write their report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--participants", type=int, required=True)
    parser.add_argument("--messages", type=int, default=4)
    parser.add_argument("--think", type=float, default=15.0, help="seconds before each message")
    parser.add_argument("--password")
    parser.add_argument("--transport", type=Transport, choices=list(Transport), default=Transport.WEBSOCKET)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    cpu_before = time.process_time()
    report = asyncio.run(
        take_part(
            Door(options.url, password=options.password, timeout_s=180, transport=options.transport),
            hands_of(options.participants, options.messages),
            # A stock server under load has taken 40 s for a reply; nobody is to give up on it.
            Manner(think_time_s=options.think, patience_s=300, recover=False),
            arrivals_s=options.think,
        )
    )
    measured = asdict(report) | {"cpu_s": time.process_time() - cpu_before}
    options.out.write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
