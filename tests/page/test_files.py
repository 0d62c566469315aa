"""A thread's files go to their owner, and do nothing there."""

from pathlib import Path

import jwt
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from page.me.files import file_routes
from stages.own_files import StoredFile

SECRET = "a secret of the tests, long enough for HS256"


class Shelf:
    """The elements of a database."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.files: dict[str, StoredFile] = {}
        self.asked: list[str] = []

    def put(
        self, element_id: str, *, owner: str = "ada", mime: str = "text/plain", name: str = "notes.txt"
    ) -> None:
        """Keep a file."""
        path = self._root / element_id
        path.write_bytes(b"what was said")
        self.files[element_id] = StoredFile(path, mime, name, owner)

    async def find(self, element_id: str) -> StoredFile | None:
        """Look one up."""
        self.asked.append(element_id)
        return self.files.get(element_id)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """No files yet."""
    return Shelf(tmp_path)


@pytest.fixture
def client(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The browser of the participant ada."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    client = TestClient(Starlette(routes=file_routes(shelf.find)))
    client.cookies.set("access_token", jwt.encode({"identifier": "ada", "exp": 2**33}, SECRET))
    return client


def test_the_owner_gets_the_file(client: TestClient, shelf: Shelf) -> None:
    """With its name and type."""
    shelf.put("e1")
    answer = client.get("/files/e1")
    assert (answer.status_code, answer.content) == (200, b"what was said")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == 'inline; filename="notes.txt"'


def test_not_yours_not_there_and_not_signed_in_look_alike(client: TestClient, shelf: Shelf) -> None:
    """No answer tells which files exist."""
    shelf.put("e1", owner="bob")
    shelf.put("gone")
    shelf.files["gone"].path.unlink()
    answers = [client.get("/files/e1"), client.get("/files/none"), client.get("/files/gone")]
    client.cookies.clear()
    shelf.put("e2")
    answers += [client.get("/files/e2"), client.get("/files/none")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


def test_without_a_cookie_nothing_is_looked_up(client: TestClient, shelf: Shelf) -> None:
    """Strangers cost the database nothing."""
    client.cookies.clear()
    client.get("/files/e1")
    assert not shelf.asked


def test_a_forged_cookie_opens_nothing(client: TestClient, shelf: Shelf) -> None:
    """A token signed with another secret is no owner's."""
    shelf.put("e1")
    client.cookies.clear()
    client.cookies.set(
        "access_token",
        jwt.encode({"identifier": "ada", "exp": 2**33}, "another secret of thirty-two bytes!!"),
    )
    assert client.get("/files/e1").status_code == 404


@pytest.mark.parametrize(
    "mime",
    [
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "text/xml",
        "text/javascript",
        "application/x-zip",
        "",
    ],
)
def test_what_can_carry_scripts_is_only_saved(client: TestClient, shelf: Shelf, mime: str) -> None:
    """It is never drawn by the browser in our origin."""
    shelf.put("e1", mime=mime, name="attack")
    answer = client.get("/files/e1")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("mime", ["image/png", "IMAGE/PNG; x=y", "application/pdf", "text/plain"])
def test_pictures_and_texts_are_shown_in_place(client: TestClient, shelf: Shelf, mime: str) -> None:
    """Types that only hold content are inline."""
    shelf.put("e1", mime=mime)
    assert client.get("/files/e1").headers["content-disposition"].startswith("inline")


def test_no_type_is_guessed_and_nothing_is_shared(client: TestClient, shelf: Shelf) -> None:
    """nosniff, a policy that loads nothing, and no common cache."""
    shelf.put("e1", mime="image/png")
    headers = client.get("/files/e1").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"].startswith("private")
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etcpasswd"),
        ("a\r\nSet-Cookie: x=y", "aSet-Cookie"),
        ('quote".txt', "quote"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("", "file"),
        ("..", "file"),
    ],
)
def test_a_name_cannot_steer_the_header(client: TestClient, shelf: Shelf, name: str, expected: str) -> None:
    """Paths, line ends and reversed writing are taken out of a file's name."""
    shelf.put("e1", name=name)
    answer = client.get("/files/e1")
    assert answer.status_code == 200
    assert expected in answer.headers["content-disposition"]
    assert "set-cookie" not in answer.headers


def test_names_of_the_world_survive(client: TestClient, shelf: Shelf) -> None:
    """A name in another script is sent as RFC 6266 writes it."""
    shelf.put("e1", name="заметки 笔记.txt")
    assert "filename*=utf-8''%D0%B7" in client.get("/files/e1").headers[
        "content-disposition"
    ].lower().replace("%d0%b7", "%D0%B7")


@pytest.mark.parametrize("mime", ["text/html\r\nX-Evil: 1", "no type", "a/b\x00"])
def test_a_type_cannot_steer_the_header(client: TestClient, shelf: Shelf, mime: str) -> None:
    """What is no type is served as bytes."""
    shelf.put("e1", mime=mime)
    answer = client.get("/files/e1")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_files_are_only_read(client: TestClient, shelf: Shelf, method: str) -> None:
    """No method changes one."""
    shelf.put("e1")
    assert client.request(method, "/files/e1").status_code == 405
    assert client.get("/files/e1").content == b"what was said"
