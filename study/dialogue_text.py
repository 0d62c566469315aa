"""Reading a dialogue file of an agent of kind task."""

from pydantic import ValidationError

from study.complaints import DIALOGUE_KEYS, complaint, unstorable
from study.task_definition import DialogueDefinition
from study.text import unstorable_places
from study.yaml_text import YamlProblem, YamlText


def parse_dialogue(text: str, source: str) -> tuple[DialogueDefinition | None, list[str]]:
    """Read a dialogue file.

    Args:
        text: What is in it.
        source: Its name, for messages.

    Returns:
        The dialogue, where it is right, and what is wrong with it: each with its place and repair.
    """
    try:
        parsed = YamlText(text)
    except YamlProblem as problem:
        line = f", line {problem.line}" if problem.line else ""
        return None, [f"{source}{line}: {problem}. A text with : # {{ [ & * ! in it needs quotes."]
    problems = [
        f"{source}, line {second}, {key}: stands already on line {first}. Keep one of the two."
        for key, first, second in parsed.repeated_keys()
    ]
    try:
        dialogue = DialogueDefinition.model_validate({} if parsed.value is None else parsed.value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        return None, problems + [complaint(one, parsed, source, DIALOGUE_KEYS) for one in found]
    problems += [unstorable(place, parsed, source) for place in unstorable_places(parsed.value)]
    return dialogue, problems
