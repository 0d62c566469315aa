"""One name means one thing: public classes of the product."""

import ast
from collections import defaultdict

from tests.house.tree import modules, text

# Alembic's own form: each step of the schema is a module with the same names in it.
NOT_READ = "data_layer/migrations/"


def public_classes() -> dict[str, list[str]]:
    """Where each public class is defined, by its name."""
    found = defaultdict(list)
    for path in modules():
        if str(path).startswith(NOT_READ):
            continue
        for node in ast.parse(text(path)).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path))
    return found


def test_a_class_name_is_one_class() -> None:
    """Whoever reads a name, in whichever room, knows what is meant."""
    classes = public_classes()
    assert len(classes) > 300
    assert {name: paths for name, paths in classes.items() if len(paths) > 1} == {}
