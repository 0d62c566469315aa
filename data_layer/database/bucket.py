"""Files in a bucket that speaks S3, for a study that is served by several machines.

The bucket has every file; the folder of a machine holds copies of those that were asked for there. A file is
in the bucket, whole, before anybody is told that it was taken: a PUT puts all of an object or nothing of it,
and is refused where what came has another SHA-256 than what was sent
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). A copy is made under a
name of its own, and compared with the SHA-256 that stands beside the object.
"""

import hashlib
import importlib.util
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from data_layer.database.durable import make_folder, write_whole
from data_layer.database.files import FileStore, KeptFile
from study.errors import SettingsError, StartError

log = structlog.get_logger(__name__)

# What says who comes in, and where: the names that Amazon's own programs read.
VARIABLES: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
)
_URL: Final = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?P<prefix>(?:/[\w.=-]+)*)/?")
_CHECKED: Final = "verbatim-was-here"
_SHA256: Final = "sha256"
_PATIENCE: Final[Mapping[str, Any]] = {"timeout": "60s", "connect_timeout": "5s"}
# A participant waits for it, with the words of their message.
_RETRIES: Final[Mapping[str, Any]] = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


def checked_bucket(url: str) -> str:
    """Read the address of a bucket.

    Returns:
        It, without what stood around it.

    Raises:
        ValueError: It is none, or obstore is not installed; as the end of a sentence that names the setting.
    """
    url = url.strip()
    if _URL.fullmatch(url) is None:
        raise ValueError("it is not the address of a bucket, with or without a folder in it")
    if importlib.util.find_spec("obstore") is None:
        raise ValueError(
            "what speaks to it is not installed. Run: .venv/bin/python -m pip install -r requirements-s3.txt"
        )
    return url


class BucketFiles(FileStore):
    """Files in a bucket, and copies of them in a folder.

    Args:
        folder: Of the copies; made when there is none, mode 0700.
        url: `s3://bucket/prefix`, checked.
        variables: Of `VARIABLES`, those that are set.
    """

    def __init__(self, folder: Path, url: str, variables: Mapping[str, str]) -> None:
        super().__init__(folder)
        # Imported here: nobody else needs it, and it is installed where it is wanted.
        import obstore
        from obstore.store import S3Store

        self._obstore = obstore
        found = _URL.fullmatch(url)
        assert found is not None
        self._bucket = found["bucket"]
        given = {name.lower(): value for name, value in variables.items()}
        plain = given.get("aws_endpoint_url", "").startswith("http://")
        self._store = S3Store(
            found["bucket"],
            prefix=found["prefix"].strip("/") or None,
            config={  # type: ignore[arg-type]  # names that it reads, and writes otherwise in its types
                "aws_checksum_algorithm": "SHA256",
                "aws_region": given.get("aws_default_region", "us-east-1"),
                **{name: value for name, value in given.items() if name != "aws_default_region"},
            },
            client_options={**_PATIENCE, "allow_http": plain},  # type: ignore[arg-type]
            retry_config=_RETRIES,  # type: ignore[arg-type]
        )

    @property
    def is_elsewhere(self) -> bool:
        """Whether they are kept elsewhere: they are."""
        return True

    def check(self) -> None:
        """See that objects can be kept, read and deleted.

        Raises:
            StartError: They cannot.
        """
        try:
            self._put(_CHECKED, b"")
            self._get(_CHECKED)
            self._delete(_CHECKED)
        except OSError as error:
            raise StartError(
                f"Files cannot be kept in the bucket {self._bucket} ({error}). Look at VERBATIM_FILES_URL, "
                "AWS_ENDPOINT_URL, and what the key of AWS_ACCESS_KEY_ID may do: put, get, list and delete."
            ) from error

    def keep(self, element_id: str, content: bytes) -> KeptFile:
        """Put a file into the bucket, and a copy of it here."""
        self._put(f"{element_id[:2]}/{element_id}", content)
        return super().keep(element_id, content)

    def adopt(self, element_id: str, path: Path) -> str | None:
        """Put a file that lies here into the bucket, and move it to the copies."""
        name = f"{element_id[:2]}/{element_id}"
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return name if self._is_there(name) else None
        self._put(name, content)
        return super().adopt(element_id, path)

    def remove(self, file: str) -> None:
        """Delete a file from the bucket, and its copy here."""
        self._delete(file)
        super().remove(file)

    def bring(self, file: str) -> Path | None:
        """The copy of a file, fetched where there is none yet."""
        here = self.path_of(file)
        if here is not None:
            return here
        target = (self._folder / file).resolve()
        if not target.is_relative_to(self._folder.resolve()):
            return None
        content = self._get(file)
        if content is None:
            return None
        make_folder(target.parent)
        write_whole(target, content)
        # Erased since: whoever erased it looked here before the copy was.
        if not self._is_there(file):
            target.unlink(missing_ok=True)
            return None
        return target

    def sweep(self, named: Collection[str], before: float) -> int:
        """Delete what has no row, and put into the bucket what has one and lies here alone.

        A copy that has neither a row nor an object goes at once: its participant has withdrawn while this
        machine was down. What has a row and lies here alone comes from a backup, or from before there was a
        bucket.
        """
        # In this order: what is taken meanwhile is in the bucket before it lies here.
        here = list(self._folder.glob("*/*"))
        there = dict(self._listed())
        for path in here:
            name = path.relative_to(self._folder).as_posix()
            if name in named and name not in there:
                with suppress(FileNotFoundError):
                    self._put(name, path.read_bytes())
            elif name not in named and name not in there:
                path.unlink(missing_ok=True)
        nobodys = [name for name, changed in there.items() if name not in named and changed < before]
        for name in nobodys:
            self.remove(name)
        return len(nobodys) + super().sweep(named, before)

    def names(self) -> list[str]:
        """All files, as in KeptFile.

        Raises:
            OSError: The bucket does not answer.
        """
        return sorted(name for name, _ in self._listed())

    def copy_to(self, folder: Path) -> None:
        """Copy every file of the bucket into another folder."""
        make_folder(folder)
        for name in self.names():
            content = self._get(name)
            if content is not None:
                make_folder((folder / name).parent)
                write_whole(folder / name, content)

    def _put(self, name: str, content: bytes) -> None:
        about = {_SHA256: hashlib.sha256(content).hexdigest()}
        try:
            with _as_disk():
                self._obstore.put(self._store, name, content, attributes=about, use_multipart=False)
        except FileNotFoundError as error:
            raise OSError("there is no such bucket") from error

    def _get(self, name: str) -> bytes | None:
        """The bytes of a file; None when it is not there."""
        with _as_disk():
            try:
                found = self._obstore.get(self._store, name)
                content = bytes(found.bytes())
            except FileNotFoundError:
                return None
            said = dict(found.attributes).get(_SHA256)
        if said is not None and said != hashlib.sha256(content).hexdigest():
            raise OSError("the bucket gave other bytes than it was given")
        return content

    def _is_there(self, name: str) -> bool:
        with _as_disk():
            try:
                self._obstore.head(self._store, name)
            except FileNotFoundError:
                return False
            return True

    def _delete(self, name: str) -> None:
        with _as_disk(), suppress(FileNotFoundError):
            self._obstore.delete(self._store, name)

    def _listed(self) -> Iterator[tuple[str, float]]:
        with _as_disk():
            for some in self._obstore.list(self._store):
                for one in some:
                    if one["path"] != _CHECKED:
                        yield str(one["path"]), one["last_modified"].timestamp()


def open_bucket(folder: Path, url: str, variables: Mapping[str, str]) -> BucketFiles:
    """Open a bucket.

    Args:
        folder: Of the copies.
        url: As VERBATIM_FILES_URL.
        variables: Of `VARIABLES`, those that are set.

    Raises:
        SettingsError: Nobody says who comes in.
    """
    for name in VARIABLES[:2]:
        if name not in variables:
            raise SettingsError(
                f"VERBATIM_FILES_URL names a bucket, and {name} is not set: the key that opens it. "
                "Set it, its fellow, and AWS_ENDPOINT_URL where the bucket is not Amazon's."
            )
    return BucketFiles(folder, url, variables)


@contextmanager
def _as_disk() -> Iterator[None]:
    """What goes wrong at a bucket is to those who ask what goes wrong at a disk."""
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        if isinstance(error, FileNotFoundError):
            raise
        # Its own words go on for lines, and may hold what the server said of the request.
        log.warning("bucket_failed", error_type=type(error).__name__)
        raise OSError(f"the bucket failed: {type(error).__name__}") from error
