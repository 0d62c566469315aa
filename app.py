"""Chainlit's callbacks and nothing else: `chainlit run app.py`, or `python -m page.serve`."""

from bootstrap import build
from privacy import keep_private
from settings import load_settings, supervision

keep_private()
services = build(load_settings())

# Chainlit reads its environment when it is imported, and build() has just set it.
import chainlit as cl  # noqa: E402
from chainlit.auth.jwt import get_jwt_secret  # noqa: E402
from chainlit.server import app as chainlit_app  # noqa: E402
from chainlit.types import ThreadDict  # noqa: E402

from api.app import api_app  # noqa: E402
from api.context import MOUNTED_AT, ApiContext  # noqa: E402
from data_layer.chainlit.layer import ChainlitLayer  # noqa: E402
from page.chainlit.cookies import lasts, who_is_in  # noqa: E402
from page.chainlit.request_guard import asked_on_this_machine, current_participant  # noqa: E402
from page.chat.chainlit_chat import page_session  # noqa: E402
from page.chat.profiles import profiles_of, starters_of  # noqa: E402
from page.chat.room_screen import RETRY_ACTION  # noqa: E402
from page.draining import Draining  # noqa: E402
from page.ending import on_ending  # noqa: E402
from page.install import Front, Mounted, install  # noqa: E402
from page.supervised import Supervisor  # noqa: E402
from research.app import research_app  # noqa: E402
from stages.entry.throttle import EntryThrottle  # noqa: E402
from study.strings import language_of  # noqa: E402
from web.alarm_ways import AlarmMail, AlarmWay, Webhook  # noqa: E402
from web.alarms import Alarms, RecentReplies, SpentBudget, looks_at  # noqa: E402
from web.standing_alarms import StandingAlarms  # noqa: E402

settings = services.settings
throttle = EntryThrottle(settings.attempts_per_minute)
draining = Draining(services.stage.under_way, settings.drain_s, works=lambda: services.stage.is_at_work)
programs = api_app(
    ApiContext(
        services.record,
        services.study,
        services.stage,
        services.agents,
        throttle,
        get_jwt_secret() or "",
        lasts(),
        who_is_in,
        settings.origins,
        lambda: services.breakers.states,
        settings.metrics_token.get_secret_value() if settings.metrics_token else None,
        meaning=services.meaning,
        ending=lambda: draining.begun,
    ),
    settings.api_origins,
    settings.serves,
)
ways: list[AlarmWay] = []
if settings.alarm_url is not None:
    ways.append(Webhook(settings.alarm_url.get_secret_value()))
if settings.alarm_email:
    ways.append(AlarmMail(settings.alarm_email, settings.smtp_url.get_secret_value()))
replies = RecentReplies()
looks = looks_at(services.record, replies)
budget = services.study.definition.budget
if budget is not None and settings.serves != "page":  # one process of several counts
    spent = SpentBudget(services.record.database, budget)
    looks |= spent.looks
alarms = Alarms(ways, looks, StandingAlarms(settings.data_dir, services.record.processes.own_id))
room = research_app(
    services.record,
    services.study,
    services.agents.unavailable,
    lambda: services.breakers.states,
    programs.state.api.exporting,
    services.meaning,
    alarms,
)
front = Front(settings.public_path, settings.origins, throttle, settings.serves)
mounts = {
    **({} if settings.serves == "page" else {"/research": Mounted(room)}),
    MOUNTED_AT: Mounted(programs, settings.api_origins, measures=True),
}
installed = install(
    services.study, services.record, services.stage, front, mounts, services.meaning, services.protocol
)
chainlit_app.state.draining = draining  # for page/serve.py, which hears the signals
services.background.extend((*installed.background, Supervisor(supervision()).beat_forever))
if ways:
    services.stage.replied.append(replies.count)
    services.background.append(alarms.look_forever)
    if "budget_spent" in looks:
        services.background.append(spent.count_forever)
chat = installed.chat


@cl.data_layer
def data_layer() -> ChainlitLayer:
    """What Chainlit reads and writes."""
    offered = [agent.name for agent in services.agents.offered]
    return ChainlitLayer(services.record, current_participant, offered)


@cl.on_app_startup
async def on_app_startup() -> None:
    """Replay, recover, and begin what runs beside."""
    await services.start()
    on_ending(room.state.streams.end, lambda: draining.may_begin)
    on_ending(programs.state.api.streams.end, lambda: draining.may_begin)


@cl.on_app_shutdown
async def on_app_shutdown() -> None:
    """End what runs."""
    await services.stop()


@cl.set_chat_profiles
async def chat_profiles(_user: cl.User | None, language: str | None) -> list[cl.ChatProfile]:
    """The agents that can answer."""
    return profiles_of(
        services.study,
        services.agents,
        settings.public_path,
        language=language_of(language or "", services.study.definition.language),
        for_operator=asked_on_this_machine(),
    )


@cl.set_starters
async def starters(_user: cl.User | None, _language: str | None) -> list[cl.Starter]:
    """The study's starters."""
    return starters_of(services.study)


@cl.on_message
async def on_message(_: cl.Message) -> None:
    """Nothing: what participants write goes from page/chat/guard.py to the chat stage.

    `chainlit run` refuses an app without this (chainlit/cli/__init__.py:45).
    """


@cl.on_chat_resume
async def on_chat_resume(thread: ThreadDict) -> None:
    """A page opens a thread."""
    await chat.on_resume(page_session(), thread)


@cl.action_callback(RETRY_ACTION)
async def on_retry(action: cl.Action) -> None:
    """A participant has pressed Retry."""
    await chat.on_retry(page_session(), str(action.payload.get("message_id", "")))
