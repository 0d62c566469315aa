"""The setting that says where people reach the page."""

import pytest

from tests.journeys.border_matrix import MATRIX
from web.public_url import OWN, checked, origin_of, path_of


@pytest.mark.parametrize(
    ("given", "url", "origin", "path"),
    [
        ("https://lab.org/study", "https://lab.org/study", "https://lab.org", "/study"),
        ("https://lab.org/a/b.c/", "https://lab.org/a/b.c", "https://lab.org", "/a/b.c"),
        (" http://10.0.0.1:8080/ ", "http://10.0.0.1:8080", "http://10.0.0.1:8080", ""),
        ("https://[::1]:8443/x", "https://[::1]:8443/x", "https://[::1]:8443", "/x"),
        ("https://lab.org:443/study", "https://lab.org/study", "https://lab.org", "/study"),
        ("http://lab.org:80", "http://lab.org", "http://lab.org", ""),
        ("http://[::1]:80/a.80", "http://[::1]/a.80", "http://[::1]", "/a.80"),
        ("http://lab.org:443", "http://lab.org:443", "http://lab.org:443", ""),
        ("HTTPS://Lab.Org/Study", "https://lab.org/Study", "https://lab.org", "/Study"),
    ],
)
def test_an_address_gives_origin_and_path(given: str, url: str, origin: str, path: str) -> None:
    """A slash at the end and the usual port say nothing; browsers write hosts small, paths as they are."""
    assert (checked(given), origin_of(url), path_of(url)) == (url, origin, path)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("lab.example.org/study", "https:// or http://"),
        ("ftp://lab.example.org", "https:// or http://"),
        ("https:///study", "names a host"),
        ("https://user:word@lab.example.org/", "names a host"),
        ("https://lab.example.org:99999/study", "1 to 65535"),
        ("https://lab.example.org:0/study", "1 to 65535"),
        ("https://lab.example.org?x=/study", "names a host"),
        ("https://lab.example.org/study?x=1", "letters, digits"),
        ("https://lab.example.org/study#x", "letters, digits"),
        ("https://lab.example.org/a//b", "letters, digits"),
        ("https://lab.example.org/../b", "letters, digits"),
        ("https://lab.example.org/a%20b", "letters, digits"),
        ("https://lab.example.org/Ünï", "letters, digits"),
        ("https://lab.example.org/research", "/research, which is an address of Verbatim's own"),
        ("https://lab.example.org/public/study", "/public, which is an address of Verbatim's own"),
    ],
)
def test_what_is_none_is_refused(given: str, why: str) -> None:
    """With what is wrong about it."""
    with pytest.raises(ValueError, match=why):
        checked(given)


def test_our_own_addresses_are_all_known() -> None:
    """A path that begins like a route of ours could not be told from one that a proxy took off already."""
    paths = [*(line.path for line in MATRIX), "/research"]
    firsts = {path.split("/")[1] for path in paths} - {""}
    assert {one for one in firsts if not one.startswith("{")} <= OWN
