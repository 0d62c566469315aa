"""A small server that speaks as much of S3 as files need, over HTTP on loopback; it can be hurt.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html, API_GetObject, API_DeleteObjects,
API_ListObjectsV2. It knows who may come in by the key's id in the signature, and checks no signature.
"""

import base64
import hashlib
import re
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

KEY: Final = "study-files-key"
SECRET: Final = "study-files-secret-of-tests"  # of the tests' own server
BUCKET: Final = "study"


class S3Server:
    """One bucket, in memory.

    Attributes:
        objects: What lies in it: bytes and headers, by key.
        broken: How many of the next requests are answered with 503; None for all of them.
        cut: How many of the next answers with an object break off in their middle.
        asked: Every request: its method and its key.
    """

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.broken: int | None = 0
        self.cut = 0
        self.asked: list[tuple[str, str]] = []
        owner = self

        class Handler(_Handler):
            server_state = owner

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def variables(self) -> dict[str, str]:
        """What the environment says of it."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_address[1]}",
        }

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_state: S3Server
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        """Keep an object, if what came is what was sent."""
        key, content = self._begin()
        if key is None:
            return
        said = self.headers.get("x-amz-checksum-sha256")
        if said is not None and said != base64.b64encode(hashlib.sha256(content).digest()).decode():
            self._say(400, _error("BadDigest"))
            return
        kept = {name: value for name, value in self.headers.items() if name.lower().startswith("x-amz-meta-")}
        self.server_state.objects[key] = (content, kept)
        self._say(200, b"", {"ETag": _etag(content)})

    def do_GET(self) -> None:
        """Give an object, or the list of them."""
        key, _ = self._begin()
        if key is None:
            return
        if key == "":
            self._list()
            return
        self._give(key)

    def do_HEAD(self) -> None:
        """Say of what size an object is."""
        key, _ = self._begin()
        if key is not None:
            self._give(key)

    def do_POST(self) -> None:
        """Forget objects (DeleteObjects); one that is not there is no error."""
        key, content = self._begin()
        if key is None:
            return
        keys = [unescape(one) for one in re.findall(r"<Key>(.*?)</Key>", content.decode())]
        for one in keys:
            self.server_state.objects.pop(one, None)
        deleted = "".join(f"<Deleted><Key>{escape(one)}</Key></Deleted>" for one in keys)
        self._say(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def _begin(self) -> tuple[str | None, bytes]:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        state, path = self.server_state, unquote(urlsplit(self.path).path)
        bucket, _, key = path.lstrip("/").partition("/")
        state.asked.append((self.command, key))
        if state.broken is None or state.broken > 0:
            state.broken = None if state.broken is None else state.broken - 1
            self._say(503, _error("SlowDown"))
        elif f"Credential={KEY}/" not in self.headers.get("Authorization", ""):
            self._say(403, _error("AccessDenied"))
        elif bucket != BUCKET:
            self._say(404, _error("NoSuchBucket"))
        else:
            return key, content
        return None, b""

    def _give(self, key: str) -> None:
        found = self.server_state.objects.get(key)
        if found is None:
            self._say(404, _error("NoSuchKey"))
            return
        content, kept = found
        headers = {**kept, "ETag": _etag(content), "Last-Modified": formatdate(usegmt=True)}
        if self.command == "GET" and self.server_state.cut > 0:
            self.server_state.cut -= 1
            self.close_connection = True
            self._say(200, content[: len(content) // 2], headers, length=len(content))
            return
        self._say(200, content, headers)

    def _list(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        prefix = query.get("prefix", [""])[0]
        items = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size>"
            f"<ETag>{escape(_etag(content))}</ETag><LastModified>2026-03-02T08:15:00.000Z</LastModified></Contents>"
            for key, (content, _) in sorted(self.server_state.objects.items())
            if key.startswith(prefix)
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
        self._say(200, body.encode(), {"Content-Type": "application/xml"})

    def _say(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
