"""Every agent has a picture, whatever its name."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from page.static_files.avatars import avatar_routes


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    """A folder with two pictures, and a secret beside it."""
    folder = tmp_path / "avatars"
    folder.mkdir()
    (folder / "verbatim.svg").write_text("<svg>ours</svg>")
    (folder / "dr_no.png").write_bytes(b"a picture")
    (tmp_path / "secret.svg").write_text("not yours")
    return TestClient(Starlette(routes=avatar_routes(folder)))


@pytest.mark.parametrize("name", ["Dr. No", "dr no", "DR_NO"])
def test_an_agent_has_the_picture_of_its_name(client: TestClient, name: str) -> None:
    """Case, spaces and dots do not matter."""
    answer = client.get(f"/avatars/{name}")
    assert (answer.content, answer.headers["content-type"]) == (b"a picture", "image/png")


@pytest.mark.parametrize("name", ["Nobody", "Ёлка", "助手", "👩‍🚀", "x" * 5000, "..%2fsecret", "..", "a%00b"])
def test_every_other_name_has_ours(client: TestClient, name: str) -> None:
    """In any script, of any length, and with a path in it."""
    answer = client.get(f"/avatars/{name}")
    assert "not yours" not in answer.text
    assert answer.text == "<svg>ours</svg>" or answer.status_code == 404


def test_a_browser_asks_once_an_hour(client: TestClient) -> None:
    """A thread of a hundred messages asks for one picture."""
    assert client.get("/avatars/Nobody").headers["cache-control"] == "public, max-age=3600"
