"""Chooses the real parts: settings in, services out. The one place where they meet."""

import asyncio
import logging
import sys
import threading
from collections.abc import Coroutine, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import structlog

from agent.breaker import Breakers, BreakerState
from agent.embedding.address import embedding_address
from agent.embedding.choose import EmbeddingConnection, build_embedder
from agent.events import Usage
from agent.model_address import OPENAI_URL
from agent.pricing import PriceTable, load_prices
from agent.registry import AgentRegistry, ModelConnection, build_agents
from agent.tools.headers import check_headers, header_variables
from data_layer.database.bucket import VARIABLES, BucketFiles, open_bucket
from data_layer.database.engine import Database, open_database, sqlite_path
from data_layer.database.migrate import upgrade
from data_layer.database.private import close_ours, open_sentence, open_to_others
from data_layer.database.replica import check_replica
from data_layer.database.serving import serve_alone
from data_layer.people.consents import shown_consents
from data_layer.people.standing import standing_at
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from meaning.off import NOT_CONNECTED
from settings import Settings, export_to_chainlit, variables_named
from stages.chat.beside import Beside
from stages.chat.elsewhere import Elsewhere
from stages.chat.idle import IdleIntents
from stages.chat.intent_news import IntentNews
from stages.chat.provenance import Pricing
from stages.chat.stage import ChatStage
from stages.consent.texts import changed_consents
from stages.protocol.changed import stages_missed
from stages.protocol.running import StudyProtocol
from study.agent_definitions import OpenAIDefinition
from study.definition import Study
from study.errors import SettingsError, StudyFileError
from study.freezing import file_hashes
from study.loader import LoadedStudy, load_study
from study.masking import masked_json
from study.strings import ENGLISH, strings_in
from study.text import without_commands
from study.vocabulary import StepsShown
from study.warnings import warnings_of
from version import app_version
from web.addresses import live_below
from web.background import Background, Work
from web.log_lines import LogLines
from web.memory import spare_loaded

if TYPE_CHECKING:
    from meaning.service import Meaning

log = structlog.get_logger(__name__)

ROOT: Final = Path(__file__).resolve().parent
ENV_FILE: Final = Path(".env")


@dataclass(frozen=True)
class Services:
    """What the app runs on.

    Args:
        study: As its file says.
        record: What is kept.
        agents: Who can answer.
        stage: Where they do.
        breakers: How the servers do that are asked.
        idle: What ends intents that were left.
        background: What runs for as long as the server does; whoever has some adds it before the start.
        meaning: Search by meaning; None where the study has none.
        protocol: What participants go through; None where they talk and no more.
    """

    settings: Settings
    study: LoadedStudy
    record: Record
    agents: AgentRegistry
    stage: ChatStage
    breakers: Breakers
    idle: IdleIntents
    background: list[Work] = field(default_factory=list)
    meaning: "Meaning | None" = None
    protocol: StudyProtocol | None = None
    _beside: Background = field(default_factory=Background)

    async def start(self) -> None:
        """Replay and recover, in the loop that serves, and begin what runs beside."""
        await self.record.start()
        await self.record.freezes.started(self.study.fingerprint, file_hashes(self.study))
        self._beside.begin(self.background)
        spare_loaded()

    async def stop(self) -> None:
        """End what runs; Chainlit closes the data layer, and with it the record, after this."""
        await self._beside.end()
        await self.stage.close()
        await self.agents.close()
        if self.meaning is not None:
            await self.meaning.close()


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
    live_below(settings.public_path)  # before a template is read: it puts the path before its addresses
    settings.make_folders()
    if settings.sqlite_folder is not None:
        serve_alone(settings.sqlite_folder)
    _close_to_others(settings)
    export_to_chainlit(settings)
    study = load_study(settings.study)
    run_now(upgrade(settings.database_url))
    _check_consents(settings, study)
    limits = study.definition.limits
    defaults = ThreadDefaults(
        study.definition.id, app_version(), study.fingerprint, active_threads=limits.active_threads
    )
    database, copy = open_database(settings.database_url), _replica_of(settings)
    record = Record(database, settings.data_dir, defaults, copy=copy, files=_files_of(settings))
    breakers = Breakers(settings.model_failures, settings.model_pause_s)
    breakers.listeners.append(partial(_keep_breaker, record))
    agents = connect(settings, study, breakers)
    for reason in agents.unavailable.values():
        log.warning("agent_not_offered", repair=reason)
    for sentence in warnings_of(study, settings.model):
        log.warning("study_warning", of=sentence)
    protocol = StudyProtocol(record, study) if study.definition.protocol is not None else None
    stage = ChatStage(
        record,
        agents,
        message_length=study.definition.limits.message_length,
        attachments=study.definition.attachments,
        pricing=pricing_of(load_prices(settings.prices_file)),
        beside=beside_of(study.definition),
        fallbacks=agents.fallbacks,
        limits=limits,
        knows=study.definition.intents.knows,
        where=protocol,
    )
    strings = strings_in(study.definition.language or ENGLISH)
    news = IntentNews(record, stage.audiences, strings)
    idle = IdleIntents(record, study.definition.intents.idle_minutes, [news.heard])
    Elsewhere(record, stage, strings).follow(record.hints)
    beside = [record.withdrawals.finish_forever, idle.sweep_forever, record.hints.listen_forever]
    if protocol is not None:
        beside.append(protocol.places.open_forever)
    meaning = meaning_of(settings, study, record)
    if meaning is not None:
        beside.append(meaning.work_forever)
    else:
        study = replace(study, definition=study.definition.model_copy(update={"semantic_search": None}))
    return Services(settings, study, record, agents, stage, breakers, idle, beside, meaning, protocol)


def _files_of(settings: Settings) -> BucketFiles | None:
    """The bucket that files are kept in, looked at; None where they are kept in the data folder.

    Raises:
        SettingsError: Nobody says who comes in.
        StartError: It does not take files.
    """
    if settings.files_url is None:
        return None
    bucket = open_bucket(settings.data_dir / "files", settings.files_url, variables_named(VARIABLES))
    bucket.check()
    return bucket


def _check_consents(settings: Settings, study: LoadedStudy) -> None:
    """Refuse a text of consent that was changed and kept its version, and stages that somebody would miss.

    Raises:
        StudyFileError: There is one.
    """
    if study.definition.protocol is None:
        return

    async def look() -> None:
        database = open_database(settings.database_url)
        try:
            shown = await shown_consents(database, study.definition.id)
            standing = await standing_at(database, study.definition.id)
        finally:
            await database.close()
        if changed := [*changed_consents(study, shown), *stages_missed(study, standing)]:
            raise StudyFileError("\n".join(changed))

    run_now(look())


def _replica_of(settings: Settings) -> Database | None:
    """The replica that researchers read from, looked at; None where none is named, or no room is served."""
    if settings.read_url is None or settings.serves == "page":
        return None
    url = settings.read_url

    async def look() -> None:
        # In a loop of its own, whose connections are no other loop's to use.
        database, copy = open_database(settings.database_url), open_database(url)
        try:
            await check_replica(database, copy)
        finally:
            await copy.close()
            await database.close()

    run_now(look())
    return open_database(url)


def _keep_breaker(record: Record, state: BreakerState) -> None:
    """That a server is left alone, or no longer, is an event: analyses ask when."""
    payload = {"server": state.server, "error_type": state.error_type}
    kind = "circuit_opened" if state.is_open else "circuit_closed"
    record.writer.submit(record.event(kind, payload=payload))


def beside_of(study: Study) -> Beside:
    """What participants see of a reply beside its words, by the study."""
    thinking = (one.name for one in study.agents if isinstance(one, OpenAIDefinition) and one.show_thinking)
    steps = {one.name: StepsShown(one.steps) for one in study.agents}
    return Beside(frozenset(thinking), study.replies.say_cut_off, steps)


def connect(settings: Settings, study: LoadedStudy, breakers: Breakers | None = None) -> AgentRegistry:
    """Make the agents of a study, with models as the settings say.

    Args:
        settings: As the environment says.
        study: Whose agents.
        breakers: Of the servers that they ask; None for none.

    Raises:
        SettingsError: A proxy of the environment cannot be used, or a header of a tool server has no value.
    """
    variables = variables_named(header_variables(study))
    if problems := check_headers(study, variables):
        raise SettingsError("\n".join(problems))
    key = settings.openai_api_key
    connection = ModelConnection(
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        default_model=settings.model,
        timeout_s=settings.model_timeout_s,
        turn_s=settings.model_turn_s,
        max_retries=settings.model_retries,
        proxy=settings.model_proxy(),
        variables=variables,
    )
    return build_agents(study, connection, breakers)


def meaning_of(settings: Settings, study: LoadedStudy, record: Record) -> "Meaning | None":
    """The search by meaning, where the study has one and its model is connected.

    Raises:
        ModelError: The model's folder cannot be read.
        SettingsError: A proxy of the environment cannot be used.
    """
    wanted = study.definition.semantic_search
    if wanted is None:
        return None
    # Imported here: no other study needs numpy.
    from meaning.service import Meaning

    url, key = settings.embedding_url or settings.openai_base_url, settings.embedding_key
    if settings.embedding_url is None:
        key = key or settings.openai_api_key
    connection = EmbeddingConnection(
        settings.embedding_folder,
        url,
        key.get_secret_value() if key else None,
        settings.proxy_to(embedding_address(url or OPENAI_URL)),
    )
    embedder = build_embedder(wanted, connection)
    if embedder is None:
        log.warning("search_by_meaning_not_connected", repair=NOT_CONNECTED)
        return None
    return Meaning(wanted, record, embedder)


def pricing_of(prices: PriceTable) -> Pricing:
    """A price table as the chat stage asks it."""

    def price(usage: Usage, served: str | None, requested: str) -> tuple[float, str] | None:
        cost = prices.cost(usage, served, requested)
        return None if cost is None else (cost, prices.currency)

    return price


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
            _without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, LogLines(sys.stderr))),
    )


def _without_secrets(_logger: object, _name: str, entry: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """What a renderer would write as it stands, or by its repr. No text of it commands the terminal."""
    return {
        key: value if value is None or isinstance(value, bool | int | float) else masked_json(_plain(value))
        for key, value in entry.items()
    }


def _plain(value: object) -> object:
    if isinstance(value, str):
        return without_commands(value)
    return value if isinstance(value, dict | list | tuple) else repr(value)


def _close_to_others(settings: Settings) -> None:
    """Files and folders of an earlier start, or of a copy, may be open to every account of the machine."""
    closed, sentences = close_ours(settings.data_dir, sqlite_path(settings.database_url))
    if closed:
        log.warning("closed_to_other_accounts", folder=str(settings.data_dir), files_and_folders=closed)
    if open_to_others(ENV_FILE):
        sentences.append(open_sentence(ENV_FILE, "which may hold keys"))
    for sentence in sentences:
        log.warning("open_to_other_accounts", repair=sentence)


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
