"""Files in a bucket, of a real server that speaks S3 and can be hurt; two machines are two folders."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from data_layer.database.bucket import BucketFiles, checked_bucket, open_bucket
from study.errors import SettingsError, StartError
from tests.data_layer.rows import new_id
from tests.s3_server import BUCKET, S3Server

URL: Final = f"s3://{BUCKET}/lab/study"
CONTENT: Final = bytes(range(256)) * 400
# Before any file was made, and after all of them, in seconds since 1970.
NEVER: Final = 0.0
LATER: Final = 4e9


@pytest.fixture
def s3() -> Iterator[S3Server]:
    """The server."""
    server = S3Server()
    yield server
    server.close()


@pytest.fixture
def here(s3: S3Server, tmp_path: Path) -> BucketFiles:
    """A machine."""
    return open_bucket(tmp_path / "here", URL, s3.variables)


@pytest.fixture
def there(s3: S3Server, tmp_path: Path) -> BucketFiles:
    """Another one."""
    return open_bucket(tmp_path / "there", URL, s3.variables)


def copies(tmp_path: Path, machine: str) -> list[bytes]:
    """What a machine has on its disk, by whatever name."""
    return [path.read_bytes() for path in (tmp_path / machine).rglob("*") if path.is_file()]


def test_a_file_is_read_on_every_machine(here: BucketFiles, there: BucketFiles, s3: S3Server) -> None:
    """Byte for byte; it lies below the prefix, with its SHA-256 beside it, and is fetched once."""
    kept = here.keep(new_id(), CONTENT)
    assert kept.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert s3.objects == {f"lab/study/{kept.file}": (CONTENT, {"x-amz-meta-sha256": kept.sha256})}
    path = there.bring(kept.file)
    assert path is not None
    assert path.read_bytes() == CONTENT
    asked = len(s3.asked)
    assert there.bring(kept.file) == path
    assert len(s3.asked) == asked


def test_an_upload_is_in_the_bucket_once_it_is_taken(
    here: BucketFiles, there: BucketFiles, tmp_path: Path
) -> None:
    """What waits on one machine moves there; the same call again finds it, on another machine too."""
    waits, element_id = tmp_path / "waits", new_id()
    waits.write_bytes(CONTENT)
    file = here.adopt(element_id, waits)
    assert file is not None
    assert not waits.exists()
    assert here.adopt(element_id, waits) == there.adopt(element_id, waits) == file
    assert there.adopt(new_id(), waits) is None


def test_a_file_that_the_bucket_does_not_take_is_not_taken(
    here: BucketFiles, s3: S3Server, tmp_path: Path
) -> None:
    """503 for as long as it is asked: who gave it is told so, and their upload still waits."""
    waits = tmp_path / "waits"
    waits.write_bytes(CONTENT)
    s3.broken = None
    with pytest.raises(OSError, match="the bucket failed"):
        here.adopt(new_id(), waits)
    assert waits.read_bytes() == CONTENT
    assert (s3.objects, copies(tmp_path, "here")) == ({}, [])


def test_a_bucket_that_is_busy_for_a_moment_is_asked_again(here: BucketFiles, s3: S3Server) -> None:
    """Two times 503, and then it takes the file: nobody notices."""
    s3.broken = 2
    kept = here.keep(new_id(), CONTENT)
    assert s3.objects[f"lab/study/{kept.file}"][0] == CONTENT


def test_half_a_file_is_never_a_copy(
    here: BucketFiles, there: BucketFiles, s3: S3Server, tmp_path: Path
) -> None:
    """The connection breaks in its middle: nothing lies here, and the next try has all of it."""
    kept = here.keep(new_id(), CONTENT)
    s3.cut = 10
    with pytest.raises(OSError, match="the bucket failed"):
        there.bring(kept.file)
    assert copies(tmp_path, "there") == []
    s3.cut = 0
    path = there.bring(kept.file)
    assert path is not None
    assert path.read_bytes() == CONTENT


def test_other_bytes_than_were_given_are_no_copy(
    here: BucketFiles, there: BucketFiles, s3: S3Server, tmp_path: Path
) -> None:
    """An object that was changed in the bucket is refused by its SHA-256."""
    kept = here.keep(new_id(), CONTENT)
    s3.objects[f"lab/study/{kept.file}"] = (CONTENT[::-1], {"x-amz-meta-sha256": kept.sha256})
    with pytest.raises(OSError, match="other bytes"):
        there.bring(kept.file)
    assert copies(tmp_path, "there") == []


def test_an_erased_file_is_nowhere(
    here: BucketFiles, there: BucketFiles, s3: S3Server, tmp_path: Path
) -> None:
    """It leaves the bucket and the machine; a machine that was down clears its copy when it looks."""
    kept, stays = here.keep(new_id(), CONTENT), here.keep(new_id(), b"of somebody else")
    there.bring(kept.file)
    here.remove(kept.file)
    here.remove(kept.file)
    assert list(s3.objects) == [f"lab/study/{stays.file}"]
    assert copies(tmp_path, "here") == [b"of somebody else"]
    there.sweep({stays.file}, NEVER)
    assert copies(tmp_path, "there") == []
    assert there.bring(kept.file) is None


def test_a_file_without_a_row_leaves_the_bucket_after_its_time(here: BucketFiles, s3: S3Server) -> None:
    """A kill came between the two: a young one may yet get its row, an old one is nobody's."""
    kept, stays = here.keep(new_id(), CONTENT), here.keep(new_id(), b"has a row")
    assert here.sweep({stays.file}, NEVER) == 0
    assert f"lab/study/{kept.file}" in s3.objects
    assert here.sweep({stays.file}, LATER) == 1
    assert list(s3.objects) == [f"lab/study/{stays.file}"]


def test_what_lies_here_alone_goes_into_the_bucket(
    here: BucketFiles, there: BucketFiles, s3: S3Server
) -> None:
    """A backup was put back, or there was no bucket before: what has a row is carried over."""
    kept = here.keep(new_id(), CONTENT)
    s3.objects.clear()
    here.sweep({kept.file}, NEVER)
    path = there.bring(kept.file)
    assert path is not None
    assert path.read_bytes() == CONTENT


def test_a_backup_has_every_file_of_the_bucket(here: BucketFiles, there: BucketFiles, tmp_path: Path) -> None:
    """Also those of which this machine has no copy."""
    kept = [here.keep(new_id(), CONTENT), there.keep(new_id(), b"of another machine")]
    here.copy_to(tmp_path / "backup")
    assert {one.file: (tmp_path / "backup" / one.file).read_bytes() for one in kept} == {
        kept[0].file: CONTENT,
        kept[1].file: b"of another machine",
    }


def test_names_that_lead_elsewhere_are_no_files(here: BucketFiles, s3: S3Server) -> None:
    """The bucket is not asked for them, and nothing outside the folder is read."""
    asked = len(s3.asked)
    for name in ("../secret", "/etc/passwd", "ab/../../x"):
        assert here.bring(name) is None
    assert len(s3.asked) == asked


def test_a_bucket_that_takes_nothing_stops_the_start(s3: S3Server, tmp_path: Path) -> None:
    """No such bucket, a wrong key, a server that is away: the repair, and no secret."""
    wrong = open_bucket(tmp_path, "s3://another", s3.variables)
    stranger = open_bucket(tmp_path, URL, s3.variables | {"AWS_ACCESS_KEY_ID": "nobody"})
    away = open_bucket(tmp_path, URL, s3.variables | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    for bucket in (wrong, stranger, away):
        with pytest.raises(StartError, match="Look at VERBATIM_FILES_URL") as refused:
            bucket.check()
        assert s3.variables["AWS_SECRET_ACCESS_KEY"] not in str(refused.value)
    open_bucket(tmp_path, URL, s3.variables).check()
    assert s3.objects == {}


def test_a_bucket_without_a_key_is_refused(s3: S3Server, tmp_path: Path) -> None:
    """The sentence names what is to be set."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        left = {key: value for key, value in s3.variables.items() if key != name}
        with pytest.raises(SettingsError, match=name):
            open_bucket(tmp_path, URL, left)


@pytest.mark.parametrize("url", ["study", "https://bucket.example", "s3://", "s3://B", "s3://bucket/a?b=c"])
def test_what_is_no_bucket_is_refused(url: str) -> None:
    """Before anything is asked."""
    with pytest.raises(ValueError, match="not the address of a bucket"):
        checked_bucket(url)
