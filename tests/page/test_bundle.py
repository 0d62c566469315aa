from pathlib import Path

import pytest
from chainlit.server import build_dir

from page.static_files.bundle import rewritten_bundle
from study.errors import StartError

ASSETS = Path(build_dir) / "assets"


def test_the_bundle_knows_the_path(tmp_path: Path) -> None:
    """Each of its addresses that would lead to the host's root leads below the path."""
    [(name, made)] = rewritten_bundle(ASSETS, tmp_path, "/lab/study").items()
    before, after = (ASSETS / name).read_text(encoding="utf-8"), made.read_text(encoding="utf-8")
    assert after.count("path=/lab/study; max-age=") == 1
    asked, opened = ('"/assets/', 'return"/"+', "location.href=`/thread/"), ('==="/"&&t(`', '==="/"?u(`')
    for address in asked + opened:
        assert address in before
        assert address not in after
    assert after.count("/lab/study/") == 5
    assert rewritten_bundle(ASSETS, tmp_path, "/lab/study") == {name: made}


def test_at_the_root_the_bundle_is_chainlits(tmp_path: Path) -> None:
    """Nothing is read and nothing written."""
    assert rewritten_bundle(ASSETS, tmp_path / "cache", "") == {}
    assert not (tmp_path / "cache").exists()


def test_another_bundle_is_refused(tmp_path: Path) -> None:
    """A Chainlit that says it in other words would lead participants nowhere: the start says so."""
    (tmp_path / "index-abc.js").write_text("window.location.href=`/thread/${id}`")
    with pytest.raises(StartError, match=r"index-abc\.js does not hold .* Install the versions"):
        rewritten_bundle(tmp_path, tmp_path / "cache", "/study")
