"""Elements: the file is copied at once, under a name of ours, into a thread of one's own."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from chainlit.element import CustomElement, File, Text
from structlog.testing import capture_logs

from data_layer.chainlit.layer import ChainlitLayer
from data_layer.database.files import FileStore
from data_layer.record import Record
from data_layer.writing.writes import DeleteThread
from tests.data_layer.rows import ADA, BOB, begin_thread, count, new_id, one, read_thread, rows
from tests.pages import FakePage

CONTENT = b"\x00\xff what was said"


@pytest.fixture
async def page(layer: ChainlitLayer, record: Record) -> FakePage:
    """ADA's page in a thread of hers that has begun."""
    return FakePage(ADA, await begin_thread(record))


def speaking(page: FakePage) -> FakePage:
    """Serve the page, with its first message sent."""
    page.enter()
    page.session.has_first_interaction = True
    return page


def kept_files(record: Record) -> list[Path]:
    """The files that are there."""
    return [path for path in (record.data_dir / "files").rglob("*") if path.is_file()]


async def test_the_file_is_copied_at_once(
    layer: ChainlitLayer, record: Record, page: FakePage, tmp_path: Path
) -> None:
    """The session's folder is deleted with the session; the record has its own copy by then."""
    source = tmp_path / "essay.txt"
    source.write_bytes(CONTENT)
    speaking(page)
    await layer.create_element(File(name="essay.txt", path=str(source), mime="text/plain", for_id=new_id()))
    source.unlink()
    row = await one(record, "elements")
    path = record.files.path_of(row["file"])
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert (row["sha256"], row["size_bytes"]) == (sha256(CONTENT).hexdigest(), len(CONTENT))


async def test_a_held_back_element_is_read_at_once(
    layer: ChainlitLayer, record: Record, page: FakePage, tmp_path: Path
) -> None:
    """A greeting's file is gone when the first message lets the greeting go; its content is not."""
    source = tmp_path / "map.png"
    source.write_bytes(CONTENT)
    page.enter()
    await layer.create_element(File(name="map.png", path=str(source)))
    source.unlink()
    assert await count(record, "elements") == 0
    await page.speak()
    assert record.files.path_of((await one(record, "elements"))["file"]) is not None


async def test_text_content_is_kept_as_utf_8(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """Elements that were never a file become one."""
    speaking(page)
    await layer.create_element(Text(name="note", content="Grüße \ud800"))
    path = record.files.path_of((await one(record, "elements"))["file"])
    assert path is not None
    assert path.read_bytes() == "Grüße ?".encode()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/b\\c", "\x00.txt", "x" * 500, ""])
async def test_a_name_is_no_path(layer: ChainlitLayer, record: Record, page: FakePage, name: str) -> None:
    """A file is named by its element, never by its sender; the name is kept to be read."""
    speaking(page)
    await layer.create_element(File(name=name, content=CONTENT))
    row = await one(record, "elements")
    assert row["name"] == name.replace("\x00", "\ufffd")
    assert [path.name for path in kept_files(record)] == [row["element_id"]]


@pytest.mark.parametrize("evil", ["../../../escape", "x", "", "A" * 36])
async def test_an_id_that_is_no_uuid_is_refused(
    layer: ChainlitLayer, record: Record, page: FakePage, evil: str
) -> None:
    """Not the element's and not the thread's; nothing is written to the disk."""
    speaking(page)
    with capture_logs() as logs:
        await layer.create_element(File(id=evil, name="x", content=CONTENT))
        await layer.create_element(File(thread_id=evil, name="x", content=CONTENT))
    assert await count(record, "elements") == 0
    assert kept_files(record) == []
    assert [entry["event"] for entry in logs] == ["refused", "refused"]


async def test_a_foreign_thread_takes_no_element(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """Another participant's thread, living or deleted, is not written into."""
    thread_id = await begin_thread(record, owner=BOB)
    speaking(page)
    await layer.create_element(File(thread_id=thread_id, name="x", content=CONTENT))
    await record.writer.submit(DeleteThread(thread_id, record.now(), BOB))
    await layer.create_element(File(thread_id=thread_id, name="x", content=CONTENT))
    assert await count(record, "elements") == 0
    assert kept_files(record) == []


async def test_a_foreign_elements_id_changes_nothing(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """The client names the id of its update: another's element stays as it was."""
    theirs = FakePage(BOB, await begin_thread(record, owner=BOB))
    speaking(theirs)
    element = File(name="theirs", content=CONTENT)
    await layer.create_element(element)
    before = await one(record, "elements")
    speaking(page)
    await layer.create_element(File(id=element.id, name="mine", content=b"other"))
    await layer.delete_element(element.id)
    await layer.delete_element(element.id, page.thread_id)
    assert await one(record, "elements") == before
    assert [path.read_bytes() for path in kept_files(record)] == [CONTENT]


async def test_an_update_renews_the_properties(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """Chainlit sends an updated custom element as a new one, with the same id."""
    speaking(page)
    element: Any = CustomElement(name="Survey", props={"answer": None})
    await layer.create_element(element)
    element.props = {"answer": 5}
    await layer.create_element(element)
    row = await one(record, "elements")
    assert (row["props"], row["type"]) == ({"answer": 5}, "custom")


async def test_a_kept_file_is_never_overwritten(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """What was shown once stays, with the digest that the record has of it."""
    speaking(page)
    element = File(name="a", content=CONTENT)
    await layer.create_element(element)
    await layer.create_element(File(id=element.id, name="a", content=b"something else"))
    row = await one(record, "elements")
    assert [path.read_bytes() for path in kept_files(record)] == [CONTENT]
    assert row["sha256"] == sha256(CONTENT).hexdigest()


async def test_a_file_that_is_gone_loses_no_element(
    layer: ChainlitLayer, record: Record, page: FakePage, tmp_path: Path
) -> None:
    """That something stood there is kept, and the loss is counted."""
    speaking(page)
    with capture_logs():
        await layer.create_element(File(name="gone", path=str(tmp_path / "gone")))
    assert (await one(record, "elements"))["file"] is None
    assert record.writer.health.failed == 1


async def test_a_full_disk_raises_nothing(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """A folder that cannot be written costs the file, and is counted and logged."""
    (record.data_dir / "files").parent.mkdir(parents=True, exist_ok=True)
    (record.data_dir / "files").write_text("in the way")
    speaking(page)
    with capture_logs() as logs:
        await layer.create_element(File(name="x", content=CONTENT))
    assert record.writer.health.failed == 1
    assert [entry["log_level"] for entry in logs] == ["error"]


async def test_a_removed_element_stays_in_the_record(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """Row and file stay; the page has it no more."""
    speaking(page)
    element = File(name="a", content=CONTENT)
    await layer.create_element(element)
    await layer.delete_element(element.id, page.thread_id)
    row = await one(record, "elements")
    assert (row["deleted_by"], row["deleted_at"] is None) == (ADA, False)
    assert len(kept_files(record)) == 1
    thread = await read_thread(record.database, page.thread_id)
    assert thread is not None
    assert thread.elements == []
    assert await layer.get_element(page.thread_id, element.id) is None


async def test_the_page_gets_our_own_address(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """Never the session's folder, never a path."""
    speaking(page)
    element = File(name="a", content=CONTENT, for_id=new_id(), display="side")
    await layer.create_element(element)
    shown: Any = await layer.get_element(page.thread_id, element.id)
    assert (shown["url"], shown["forId"], shown["display"]) == (
        f"/files/{element.id}",
        element.for_id,
        "side",
    )
    assert "path" not in shown


async def test_elements_are_numbered_as_they_came(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """Their place in the thread is that of the call."""
    speaking(page)
    for name in ("first", "second"):
        await layer.create_element(File(name=name, content=CONTENT))
    assert [row["name"] for row in await rows(record, "elements")] == ["first", "second"]


def test_a_stored_path_cannot_leave_its_folder(tmp_path: Path) -> None:
    """A row that was tampered with opens nothing else."""
    (tmp_path / "secret").write_text("x")
    store = FileStore(tmp_path / "files")
    store.keep("ab", b"x")
    assert store.path_of("../secret") is None
    assert store.path_of("/etc/passwd") is None
    assert store.path_of("ab/none") is None


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    """Participants' files are not for other accounts of the machine."""
    store = FileStore(tmp_path / "files")
    kept = store.keep("abcd", b"x")
    path = store.path_of(kept.file)
    assert path is not None
    assert path.parent.stat().st_mode & 0o077 == 0
    assert path.parent.parent.stat().st_mode & 0o077 == 0
