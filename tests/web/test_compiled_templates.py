"""What templates became is shared by all that make templates, and by nothing that reads differently."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from web.addresses import live_below
from web.pages import templates_in


@pytest.fixture
def at_the_root() -> Iterator[None]:
    """This process, found at the root again however the test leaves it."""
    yield
    live_below("")


def write(folder: Path, text: str) -> Path:
    """A folder with one template."""
    (folder / "page.html").write_text(text)
    return folder


def test_a_template_is_compiled_once(tmp_path: Path) -> None:
    """Two makers of templates draw by the same code."""
    folder = write(tmp_path, "{{ name }}")
    one, other = (templates_in(folder).get_template("page.html") for _ in range(2))
    assert one is not other
    assert one.root_render_func.__code__ is other.root_render_func.__code__


def test_a_changed_template_is_compiled_anew(tmp_path: Path) -> None:
    """Another text under the same name is another template."""
    templates_in(write(tmp_path, "before")).get_template("page.html")
    assert templates_in(write(tmp_path, "after")).get_template("page.html").render() == "after"


@pytest.mark.usefixtures("at_the_root")
def test_another_path_is_another_template(tmp_path: Path) -> None:
    """An address that is computed while compiling is not that of where the study was found before."""
    folder = write(tmp_path, "{{ '/login'|below }}")
    drawn = []
    for path in ("", "/study", "/other"):
        live_below(path)
        drawn.append(templates_in(folder).get_template("page.html").render())
    assert drawn == ["/login", "/study/login", "/other/login"]


def test_what_makes_templates_keeps_its_own_filters(tmp_path: Path) -> None:
    """A filter is looked up where the page is drawn, and not where its template was compiled."""
    folder = write(tmp_path, "{{ name|greeted }}")
    makers = [templates_in(folder) for _ in range(2)]
    for maker, word in zip(makers, ("Hello", "Hallo"), strict=True):
        maker.filters["greeted"] = lambda name, word=word: f"{word} {name}"
    assert [maker.get_template("page.html").render(name="Ada") for maker in makers] == [
        "Hello Ada",
        "Hallo Ada",
    ]
