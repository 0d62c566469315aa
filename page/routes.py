"""All routes of ours, in the order in which they stand before Chainlit's."""

from pathlib import Path

from chainlit.config import config_translation_dir, public_dir
from chainlit.server import build_dir, get_html_template
from chainlit.session import WebsocketSession
from starlette.routing import BaseRoute

from data_layer.elements import element_row
from data_layer.record import Record
from data_layer.threads import owner_of
from page.asked import OwnRoutes
from page.assets import asset_routes, chainlit_assets, public_files
from page.avatars import avatar_routes
from page.earlier import earlier_routes
from page.entry.pages_open import close_pages
from page.entry.routes import entry_routes
from page.files import StoredFile, file_routes
from page.html import index_routes
from page.own_files import OwnFiles
from page.own_marks import mark_routes
from page.own_threads import own_thread_routes
from page.save import save_routes
from page.session_routes import session_routes
from page.shared import share_routes
from page.translations import translation_routes
from page.uploads import upload_routes
from page.withdrawal import withdrawal_routes
from study.loader import LoadedStudy


def all_routes(
    study: LoadedStudy, record: Record, allowed_origins: tuple[str, ...], attempts_per_minute: int
) -> list[BaseRoute]:
    """Make the routes.

    Args:
        study: What runs.
        record: Makes participants, finds files.
        allowed_origins: Public addresses besides the server's own.
        attempts_per_minute: How often one address may try to come in.

    Returns:
        Sign-in, files, assets, and the page itself.
    """
    cache = record.data_dir / "cache"
    asked = OwnRoutes(study.definition.language, allowed_origins)
    own = OwnFiles(Path(public_dir), public_files(Path(public_dir), cache))

    async def find_file(element_id: str) -> StoredFile | None:
        row = await element_row(record.database, element_id)
        if row is None or row["deleted_at"] is not None or not row["file"]:
            return None
        owner = await owner_of(record.database, row["thread_id"])
        path = record.files.path_of(row["file"])
        if owner is None or path is None:
            return None
        return StoredFile(path, row["mime"] or "application/octet-stream", row["name"], owner)

    return [
        *entry_routes(
            study,
            record,
            close_pages,
            asked,
            index=lambda: own.addressed(get_html_template("")) + own.head(),
            allowed_origins=allowed_origins,
            attempts_per_minute=attempts_per_minute,
        ),
        *file_routes(find_file),
        *session_routes(asked),
        *upload_routes(lambda: study.definition, record, asked, _owner_of_session),
        *avatar_routes(Path(public_dir) / "avatars"),
        *asset_routes([("/assets", chainlit_assets(Path(build_dir), cache))]),
        *own.routes(),
        *earlier_routes(asked, record),
        *save_routes(asked, record, lambda: study.definition),
        *share_routes(asked, record, lambda: study.definition),
        *own_thread_routes(asked, record),
        *withdrawal_routes(asked, record, lambda: study.definition),
        *mark_routes(asked, record, lambda: study.definition.ratings),
        *translation_routes(study, Path(config_translation_dir)),
        *index_routes(study, get_html_template, own),
    ]


def _owner_of_session(session_id: str) -> str | None:
    session = WebsocketSession.get_by_id(session_id)
    return session.user.identifier if session is not None and session.user is not None else None
