"""What the app itself says to participants, in their language (strings.yaml)."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from study.file_text import read_text

LANGUAGES: Final = ("en", "de", "es", "zh-Hans")
ENGLISH: Final = "en"

# Between thousands.
_SEPARATOR: Final = {"de": ".", "es": "."}

_FILE: Final = Path(__file__).with_name("strings.yaml")


class Strings:
    """The texts of one language.

    Args:
        language: One of LANGUAGES.
        texts: Section, key, text.
    """

    def __init__(self, language: str, texts: Mapping[str, Mapping[str, str]]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """A text, its {placeholders} filled.

        Args:
            key: "section.key", as in "chat.retry".
            values: For the placeholders. A whole number is written with the thousands set apart.

        Raises:
            KeyError: There is no such text, or a placeholder has no value.
        """
        section, _, name = key.partition(".")
        apart = _SEPARATOR.get(self.language, ",")
        shown = {
            given: f"{value:,}".replace(",", apart) if type(value) is int else value
            for given, value in values.items()
        }
        return self._texts[section][name].format(**shown)

    def section(self, name: str) -> dict[str, str]:
        """All texts of a section, placeholders unfilled."""
        return dict(self._texts[name])


@functools.cache
def strings_in(language: str) -> Strings:
    """The texts of one of LANGUAGES.

    Raises:
        KeyError: It is none of them, or a text is missing in it.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    return Strings(
        language,
        {
            section: {key: str(said[language]) for key, said in texts.items()}
            for section, texts in read_all().items()
        },
    )


@functools.cache
def read_all() -> dict[str, dict[str, dict[str, str]]]:
    """The file: section, key, language, text."""
    read: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(read_text(_FILE))
    return read


def language_of(accepted: str, fixed: str | None = None) -> str:
    """Choose a participant's language.

    Args:
        accepted: The browser's Accept-Language (RFC 9110, 12.5.4), or one language tag; "" for none.
        fixed: The study's own language; it decides where there is one.

    Returns:
        One of LANGUAGES; English where the browser wants none of them.
    """
    if fixed in LANGUAGES:
        return str(fixed)
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            quality = 0.0
        wanted.append((quality, tag.strip().lower().replace("_", "-")))
    for quality, tag in sorted(wanted, key=lambda one: -one[0]):
        for language in LANGUAGES:
            if quality > 0 and tag.partition("-")[0] == language.partition("-")[0].lower():
                return language
    return ENGLISH
