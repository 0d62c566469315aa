"""Chooses the real parts: settings in, services out. The one place where they meet."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import structlog

from agent.base import Usage
from agent.pricing import PriceTable, load_prices
from agent.registry import AgentRegistry, build_agents
from data_layer.engine import open_database
from data_layer.fold_state import ThreadDefaults
from data_layer.migrate import upgrade
from data_layer.record import Record
from settings import Settings, export_to_chainlit
from stages.chat import ChatStage
from stages.provenance import Pricing
from study.loader import LoadedStudy, load_study

ROOT: Final = Path(__file__).resolve().parent
VERSION: Final = "0.1.0"


@dataclass(frozen=True)
class Services:
    """What the app runs on.

    Args:
        study: As its file says.
        record: What is kept.
        agents: Who can answer.
        stage: Where they do.
    """

    settings: Settings
    study: LoadedStudy
    record: Record
    agents: AgentRegistry
    stage: ChatStage

    async def start(self) -> None:
        """Replay and recover, in the loop that serves."""
        await self.record.start()

    async def stop(self) -> None:
        """End what runs; Chainlit closes the data layer, and with it the record, after this."""
        await self.stage.close()
        await self.agents.close()


def build(settings: Settings) -> Services:
    """Make the folders, the secret and the database, read the study, and put the parts together.

    Args:
        settings: As the environment says.

    Returns:
        The services; nothing runs yet.

    Raises:
        StudyError: Something that a person can repair.
    """
    configure_logging(settings)
    settings.make_folders()
    export_to_chainlit(settings)
    study = load_study(settings.study)
    run_now(upgrade(settings.database_url))
    defaults = ThreadDefaults(study.definition.id, app_version(), study.fingerprint)
    record = Record(open_database(settings.database_url), settings.data_dir, defaults)
    key = settings.openai_api_key
    agents = build_agents(
        study,
        openai_api_key=key.get_secret_value() if key else None,
        openai_base_url=settings.openai_base_url,
        default_model=settings.model,
        timeout_s=settings.model_timeout_s,
        max_retries=settings.model_retries,
    )
    stage = ChatStage(
        record,
        agents,
        message_length=study.definition.limits.message_length,
        attachments=study.definition.attachments,
        pricing=pricing_of(load_prices(settings.prices_file)),
    )
    return Services(settings, study, record, agents, stage)


def pricing_of(prices: PriceTable) -> Pricing:
    """A price table as the chat stage asks it."""

    def price(usage: Usage, served: str | None, requested: str) -> tuple[float, str] | None:
        cost = prices.cost(usage, served, requested)
        return None if cost is None else (cost, prices.currency)

    return price


def app_version() -> str:
    """The version, with the git commit where there is one: what made this record."""
    try:
        number = version("verbatim")
    except PackageNotFoundError:
        number = VERSION
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607  # git is wherever the operator has it
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return number
    commit = asked.stdout.strip()
    return f"{number}+g{commit}" if asked.returncode == 0 and commit else number


def configure_logging(settings: Settings) -> None:
    """Logs to stderr: text on a terminal, JSON elsewhere. Never a participant's words."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    level = getattr(logging, settings.log_level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def run_now(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end from anywhere: `chainlit run -w` loads the app inside a running loop."""
    failures: list[BaseException] = []

    def target() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # Carried over to the caller's thread, whatever it is.
            failures.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
