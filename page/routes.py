"""All routes of ours, in the order in which they stand before Chainlit's."""

from pathlib import Path

from chainlit.config import public_dir
from chainlit.server import build_dir, get_html_template
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import BaseRoute

from data_layer.elements import element_row
from data_layer.participants import Participant
from data_layer.record import Record
from data_layer.threads import owner_of
from page.assets import asset_routes, chainlit_assets, public_files
from page.avatars import avatar_routes
from page.files import StoredFile, file_routes
from page.html import index_routes
from page.login import CannotEnter, login_routes
from study.loader import LoadedStudy
from study.names import normalise_name


def all_routes(study: LoadedStudy, record: Record, allowed_origins: tuple[str, ...]) -> list[BaseRoute]:
    """Make the routes.

    Args:
        study: What runs.
        record: Makes participants, finds files.
        allowed_origins: Public addresses besides the server's own.

    Returns:
        Sign-in, files, assets, and the page itself.
    """
    cache = record.data_dir / "cache"

    async def enter(name: str) -> Participant:
        try:
            return await record.enter(name, normalise_name(name).key)
        except (SQLAlchemyError, OSError) as error:
            raise CannotEnter("the database is away") from error

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
        *login_routes(study, enter, allowed_origins=allowed_origins),
        *file_routes(find_file),
        *avatar_routes(Path(public_dir) / "avatars"),
        *asset_routes(
            [
                ("/assets", chainlit_assets(Path(build_dir), cache)),
                ("/public", public_files(Path(public_dir), cache)),
            ]
        ),
        *index_routes(study, get_html_template),
    ]
