"""Keys and passwords out of what others say of us: errors, logs, pages.

A provider, a client or a database that fails may quote what it was given: the key in its header, escaped or
encoded, the whole of it or a half. `masked` puts MASK there, for the secrets that this process holds
(study/secret_forms.py) and for what looks like one of anybody's (study/secret_patterns.py).

What participants and agents say is never masked: it is the record.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from study.encodings import Layer, layers_of
from study.secret_forms import HeldSecret
from study.secret_patterns import is_address, passwords_in, telling_spans

MASK: Final = "***"
# What local servers are given where they look at no key. Everything below is a word or a name as well, and
# hides nothing from anybody.
PLACEHOLDER_KEY: Final = "no-key-needed"
_NO_SECRETS: Final = frozenset(
    {PLACEHOLDER_KEY, "sk-no-key-required", "no-key-required", "not-needed", "none", "empty", "lm-studio"}
)

Span = tuple[int, int]


class Mask:
    """Hides secrets, those that it holds and those that look like one.

    Args:
        secrets: Keys, passwords, addresses that may hold one.
        only_held: Whether what looks like a secret of anybody's else is left as it is.
    """

    def __init__(self, secrets: Iterable[str] = (), *, only_held: bool = False) -> None:
        self._held: dict[str, HeldSecret] = {}
        self._only_held = only_held
        for secret in secrets:
            self.hold(secret)

    def hold(self, secret: str) -> None:
        """Hide this from now on, where it is long enough not to be a word of anybody's.

        Args:
            secret: As it was given, with or without white space around it. Of an address, its password.
        """
        for part in (secret.strip(), *passwords_in(secret)):
            if part.lower() in _NO_SECRETS or part in self._held or is_address(part):
                continue
            if (held := HeldSecret.of(part)) is not None:
                self._held[part] = held

    def __call__(self, text: str) -> str:
        """Hide every secret in a text.

        Args:
            text: What somebody said.

        Returns:
            The same with MASK for each.
        """
        spans = [span for layer in layers_of(text) for span in self._spans(layer)]
        if not spans:
            return text
        pieces, done = [], 0
        for start, end in _joined(spans):
            pieces += [text[done:start], MASK]
            done = end
        return "".join([*pieces, text[done:]])

    def _spans(self, layer: Layer) -> list[Span]:
        text, lowered = layer.text, layer.lowered
        found: list[Span] = []
        for held in self._held.values():
            if held.may_stand_in(text, lowered):
                found += held.spans_in(text, lowered)
        if not self._only_held:
            found += telling_spans(text, lowered)
        return [layer.place(span) for span in found]


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The same places, those that overlap as one, in order."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


# One a process, for a secret that one part of it knows must not be told by another.
_process: Final = Mask()


def hold(*secrets: str | None) -> None:
    """Hide these in whatever this process says from now on; None and "" are nothing to hide."""
    for secret in secrets:
        if secret:
            _process.hold(secret)


def secrets_in(values: Iterable[str]) -> list[str]:
    """What is to be hidden of headers' values: the whole, and of "Bearer abc" its second word, too."""
    return [part for value in values for part in dict.fromkeys((value, value.split(" ")[-1])) if part]


def hold_proxies(variables: Mapping[str, str]) -> None:
    """Hide the passwords of the proxies that an environment names: who fails on the way may name them.

    Args:
        variables: The environment. A proxy's host is no secret, nor are those that NO_PROXY lists.
    """
    for name, value in variables.items():
        if name.lower().endswith("_proxy") and name.lower() != "no_proxy":
            # "name:password@host:port" is taken too, and an address begins with a scheme.
            hold(value if "://" in value else f"http://{value}")


def masked(text: str) -> str:
    """A text without the secrets that this process holds, and without what looks like anybody's."""
    return _process(text)


def masked_json(value: Any) -> Any:
    """The same of every text in JSON-like data, keys left alone."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: masked_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked_json(inner) for inner in value]
    return value
