"""YAML as a study file needs it: plain, refused where it is ambiguous, and with its line numbers kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import yaml

DEEPEST: Final = 20  # a study file has four levels; this keeps hostile nesting off the call stack

# YAML 1.1 also reads 2026-11-21 as a date, << as a merge and = as a value. Here they are text.
_NOT_READ: Final = frozenset(
    {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"}
)


class YamlProblem(ValueError):
    """The text is not YAML of the kind that is read here."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value stands in the text.

    Args:
        line: Counted from 1.
        written: What stands there, if it is a plain scalar: text without quotes.
    """

    line: int
    written: str | None


class _Loader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None):
            raise YamlProblem("& and * (anchors) are not used here. Write the value out, or quote it", line)
        if getattr(event, "tag", None):
            raise YamlProblem(f"{event.tag!r} (a tag) is not used here. Leave it out, or quote it", line)
        self.depth += 1
        if self.depth > DEEPEST:
            raise YamlProblem(f"lists and mappings are nested more than {DEEPEST} deep", line)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NOT_READ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class YamlText:
    """A parsed text.

    Args:
        text: One YAML document.

    Raises:
        YamlProblem: It cannot be read; names the line and the repair where there is one.
    """

    def __init__(self, text: str) -> None:
        try:
            loader = _Loader(text)
            self._root = loader.get_single_node()
            self.value: Any = None if self._root is None else loader.construct_document(self._root)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = ": ".join(part for part in (error.context, error.problem) if part)
            raise YamlProblem(f"is not YAML ({what})", mark.line + 1 if mark else None) from error
        except yaml.YAMLError as error:
            raise YamlProblem(f"is not YAML ({' '.join(str(error).split())})") from error
        except YamlProblem:
            raise
        except ValueError as error:  # such as an integer of 5,000 digits
            raise YamlProblem(f"holds a value that cannot be read ({error})") from error

    def repeated_keys(self) -> Iterator[tuple[str, int, int]]:
        """Find keys that stand twice in one mapping; YAML readers silently keep the last.

        Yields:
            The key, the line of its first and of its second place.
        """
        waiting = [self._root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, yaml.MappingNode):
                yield from _repeated(node)
                waiting.extend(value for _, value in node.value)
            elif isinstance(node, yaml.SequenceNode):
                waiting.extend(node.value)

    def spot(self, location: Sequence[str | int]) -> Spot:
        """Find where a value stands.

        Args:
            location: Keys and indices from the top; what does not exist in the text is skipped.

        Returns:
            The place of the innermost part that exists.
        """
        node = self._root
        line = 1
        for step in location:
            found = _child(node, step)
            if found is not None:
                line, node = found
        plain = isinstance(node, yaml.ScalarNode) and node.style is None
        return Spot(line, cast(str, node.value) if plain and node is not None else None)


def _repeated(node: yaml.MappingNode) -> Iterator[tuple[str, int, int]]:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        name = str(key.value)
        line = key.start_mark.line + 1
        if name in lines:
            yield name, lines[name], line
        lines.setdefault(name, line)


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    return None
