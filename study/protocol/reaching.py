"""Which endings of a protocol nobody can come to, whatever they do."""

from collections.abc import Iterator, Mapping

from study.protocol.definition import Protocol
from study.protocol.stages import SurveyDefinition
from study.protocol.surveys import Survey


def unreachable_endings(protocol: Protocol, surveys: Mapping[str, Survey]) -> list[str]:
    """Endings that nothing leads to.

    Args:
        protocol: The study's.
        surveys: The files that it names, read.

    Returns:
        For each a sentence with its name and the repair.
    """
    led_to = {name for where, name in protocol.named_endings if where != "'usable'"}
    impossible = dict(_never(protocol, surveys))
    found = []
    for name in protocol.endings:
        if name not in led_to:
            found.append(
                f"nothing leads to the ending {name}. Name it where it belongs, or take it out of endings."
            )
        elif name in impossible and _ways(protocol, name) == 1:
            found.append(f"the ending {name} cannot be reached: {impossible[name]}")
    return found


def _ways(protocol: Protocol, name: str) -> int:
    return sum(1 for where, one in protocol.named_endings if one == name and where != "'usable'")


def _never(protocol: Protocol, surveys: Mapping[str, Survey]) -> Iterator[tuple[str, str]]:
    for stage in protocol.stages:
        if not isinstance(stage, SurveyDefinition) or stage.file not in surveys:
            continue
        items = {item.id: item for item in surveys[stage.file].items}
        checks = sum(1 for item in items.values() if item.attention is not None)
        if stage.fails is not None and stage.fails.attention > checks:
            yield (
                stage.fails.ending,
                f"the stage {stage.id} ends so at {stage.fails.attention} failed checks of attention, and "
                f"{stage.file} has {checks}. Write a smaller number, or more checks.",
            )
        for rule in stage.end_if:
            item = items.get(rule.item or "")
            if item is None or not item.options or item.other or rule.is_ is None:
                continue
            offered = [option.value for option in item.options]
            if rule.is_ not in offered:
                yield (
                    rule.ending,
                    f"the stage {stage.id} ends so where {item.id} is {rule.is_}, which is none of its "
                    f"answers: {', '.join(offered)}. Write one of them.",
                )
