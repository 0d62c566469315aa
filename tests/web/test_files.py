"""Somebody's file as an answer."""

from pathlib import Path

import pytest

from web.files import send_file


@pytest.mark.parametrize(
    ("mime", "how", "policy"),
    [
        ("image/png", "inline", "sandbox; default-src 'none'"),
        ("IMAGE/PNG; charset=x", "inline", "sandbox; default-src 'none'"),
        ("application/pdf", "inline", "default-src 'none'"),
        ("text/html", "attachment", "sandbox; default-src 'none'"),
        ("image/svg+xml", "attachment", "sandbox; default-src 'none'"),
        ("text/html\r\nX: y", "attachment", "sandbox; default-src 'none'"),
        ("", "attachment", "sandbox; default-src 'none'"),
    ],
)
def test_nothing_in_a_file_runs(tmp_path: Path, mime: str, how: str, policy: str) -> None:
    """What may carry scripts is saved and not drawn; and whoever asks cannot choose another policy."""
    (tmp_path / "kept").write_bytes(b"<script>alert(1)</script>")
    headers = {"Content-Security-Policy": "default-src *", "Cache-Control": "private"}
    answer = send_file(tmp_path / "kept", "photo\u202egnp.exe", mime, headers)
    assert answer.headers["content-disposition"] == f'{how}; filename="photognp.exe"'
    assert answer.headers["content-security-policy"] == policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private"
    assert "\n" not in answer.headers["content-type"]
