"""Chainlit's callbacks and nothing else: `chainlit run app.py`, or `python -m page.serve`."""

from bootstrap import build
from settings import load_settings

services = build(load_settings())

# Chainlit reads its environment when it is imported, and build() has just set it.
import chainlit as cl  # noqa: E402
from chainlit.types import ThreadDict  # noqa: E402
from starlette.routing import Mount, Route  # noqa: E402

from data_layer.chainlit_layer import ChainlitLayer  # noqa: E402
from page import patches  # noqa: E402
from page.border import current_participant  # noqa: E402
from page.ending import on_ending  # noqa: E402
from page.entry.pages_open import close_ended_forever, close_pages_of  # noqa: E402
from page.flood import Flood  # noqa: E402
from page.guard import Guard  # noqa: E402
from page.guard_live import TypingGuard  # noqa: E402
from page.guard_turns import TurnGuard  # noqa: E402
from page.problem_page import ProblemPages, no_such_page  # noqa: E402
from page.routes import all_routes  # noqa: E402
from page.study_news import StudyNews  # noqa: E402
from page.thread_news import ThreadNews  # noqa: E402
from page.withdrawal import leaving  # noqa: E402
from research.app import doorstep, research_app  # noqa: E402
from stages.chainlit_chat import ChainlitChat, page_session  # noqa: E402
from stages.chainlit_screen import RETRY_ACTION, later  # noqa: E402
from stages.profiles import profiles_of, starters_of  # noqa: E402

chat = ChainlitChat(services.stage, services.record.connections, services.study.definition.language)

patches.check_version()
patches.quicken()
patches.quieten()
patches.close_doors(services.settings.allowed_origins)
patches.offer_attachments(services.study.definition.attachments)
patches.check_sign_ins(services.record.sign_ins.holds)
patches.shelve()
room = research_app(services.record, services.study)
patches.put_routes_first(
    [
        Route("/research", doorstep),
        Mount("/research", room, name="research"),
        *all_routes(
            services.study,
            services.record,
            services.settings.allowed_origins,
            services.settings.attempts_per_minute,
        ),
    ]
)
patches.answer_unknown_paths(no_such_page)
patches.tell_problems(ProblemPages(lambda: services.study.definition))
flood = Flood(services.record, lambda session, key: chat.strings_of(session)(key))
patches.guard_sockets(
    lambda handlers: flood.hold(
        Guard(handlers, services.record, chat).handlers()
        | TurnGuard(services.record, chat).handlers()
        | TypingGuard(services.record.presence).handlers()
    ),
    services.settings.allowed_origins,
)
study_news = StudyNews(services.record.controls)
services.record.writer.listeners.append(ThreadNews(services.record.database).heard)
services.record.withdrawals.listeners.append(leaving(services.stage.stop, close_pages_of))


@cl.data_layer
def data_layer() -> ChainlitLayer:
    """What Chainlit reads and writes."""
    return ChainlitLayer(services.record, current_participant)


@cl.on_app_startup
async def on_app_startup() -> None:
    """Replay, recover, and begin to sweep."""
    await services.start()
    later(close_ended_forever(services.record.sign_ins, services.record.now))
    later(study_news.tell_forever())
    on_ending(room.state.streams.end)
    later(patches.sweep_forever(services.record.attachments.sweep))
    later(services.record.withdrawals.finish_forever())


@cl.on_app_shutdown
async def on_app_shutdown() -> None:
    """End what runs."""
    await services.stop()


@cl.set_chat_profiles
async def chat_profiles(_user: cl.User | None, _language: str | None) -> list[cl.ChatProfile]:
    """The agents that can answer."""
    return profiles_of(services.study, services.agents)


@cl.set_starters
async def starters(_user: cl.User | None, _language: str | None) -> list[cl.Starter]:
    """The study's starters."""
    return starters_of(services.study)


@patches.answer_with
async def on_message(message: cl.Message) -> None:
    """A participant has written."""
    await chat.on_message(page_session(), message.id, message.content)


@cl.on_chat_resume
async def on_chat_resume(thread: ThreadDict) -> None:
    """A page opens a thread."""
    await chat.on_resume(page_session(), thread)


@cl.action_callback(RETRY_ACTION)
async def on_retry(action: cl.Action) -> None:
    """A participant has pressed Retry."""
    await chat.on_retry(page_session(), str(action.payload.get("message_id", "")))
