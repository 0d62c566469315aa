"""Why a write is refused is told by a member of an enum: nothing asks for its words."""

import ast
from collections.abc import Iterator

from study.errors import WriteRefused
from study.reasons import Reason
from tests.house.tree import PACKAGES, modules, text


def trees() -> Iterator[tuple[str, ast.Module]]:
    """What is ours, without the reasons themselves."""
    for path in modules():
        if path.parts[0] in PACKAGES and path.name != "reasons.py":
            yield str(path), ast.parse(text(path))


def is_words(node: ast.expr) -> bool:
    """Whether it is the sentence of a refusal: `outcome.refused`, or `str(refusal)`."""
    if isinstance(node, ast.Call):
        names = [one.id for one in node.args if isinstance(one, ast.Name)]
        return getattr(node.func, "id", "") == "str" and bool({"refusal", "refused"} & set(names))
    return isinstance(node, ast.Attribute) and node.attr == "refused"


def test_nothing_compares_the_words_of_a_refusal() -> None:
    """Whether there was one may be asked; which one, by its reason alone."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(is_words(side) for side in (node.left, *node.comparators))
        and not all(isinstance(way, ast.Is | ast.IsNot) for way in node.ops)
    ]
    assert found == []


def test_every_reason_is_given() -> None:
    """One that nobody gives any more is no longer there."""
    named = {
        node.attr
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Reason"
    }
    assert named == set(Reason.__members__)


def test_a_refusal_says_its_reason_in_words() -> None:
    """With what else there is to say of it, in the log and in the record."""
    plain, more = WriteRefused(Reason.EMPTY), WriteRefused(Reason.NOT_TAKEN_BY_DATABASE, "too long")
    assert (plain.reason, str(plain)) == (Reason.EMPTY, "the message is empty")
    assert str(more) == "the database does not take it: too long"
