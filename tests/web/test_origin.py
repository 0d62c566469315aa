"""Whose page a request comes from."""

import pytest

from web.origin import is_own


@pytest.mark.parametrize("origin", ["http://", "https://", ""])
def test_a_request_to_no_host_comes_from_nobodys_page(origin: str) -> None:
    """An origin without a host is no page's, and names no server of ours."""
    assert not is_own(origin, "", ["https://study.example.org"])


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://study.example.org", True),
        ("https://STUDY.example.org", True),  # a proxy ends TLS; hosts have no case
        ("https://public.example.org", True),
        ("https://study.example.org:8443", False),
        ("https://evil.example", False),
        ("https://study.example.org.evil.example", False),
        ("null", False),
    ],
)
def test_a_page_of_ours_has_our_host_or_the_public_address(origin: str, own: bool) -> None:
    """With its port, and nothing before or after it."""
    assert is_own(origin, "study.example.org", ["https://public.example.org"]) is own
