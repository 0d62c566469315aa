"""What puts addresses below the public path."""

from collections.abc import Iterator

import pytest

from web.addresses import below_path, live_below


@pytest.fixture
def below_study() -> Iterator[None]:
    """This process, found below a path."""
    live_below("/study")
    yield
    live_below("")


@pytest.mark.usefixtures("below_study")
@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/", "/study/"),
        ("/login", "/study/login"),
        ("//elsewhere.example", "//elsewhere.example"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
        ("?sort=long", "?sort=long"),
        ("data:image/svg+xml,x", "data:image/svg+xml,x"),
    ],
)
def test_ours_alone_are_put_below_the_path(address: str, asked: str) -> None:
    """What leads elsewhere, or is relative, stays as it is."""
    assert below_path(address) == asked
