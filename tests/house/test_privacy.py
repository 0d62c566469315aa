"""Every process of ours keeps its files and its secrets to itself."""

import ast
from typing import Final

from tests.house.tree import modules, text, tree

# What is started by hand, or by another process of ours that was.
_INHERITS: Final = {
    "agent/pdf_text.py": "a child of the server: its umask is the server's, and it knows no secret",
    "agent/local_model.py": "keeps no file and knows no secret",
    "scripts/mutation.py": "runs tests, on nobody's data",
    "scripts/mutation_quick.py": "a child of it",
}


def test_every_entry_point_keeps_private_before_all_else() -> None:
    """Whatever is run by its name closes its files to others, and masks what it says, in its first line."""
    entries = {str(path): _first_calls(tree(path)) for path in modules() if '"__main__"' in text(path)}
    ours = {path: calls for path, calls in entries.items() if not path.startswith(("bench/", *_INHERITS))}
    assert {"cli.py", "page/serve.py", "exports/__main__.py", "scripts/before_start.py"} <= set(ours)
    assert {path: calls[:1] for path, calls in ours.items()} == {path: ["keep_private"] for path in ours}


def test_chainlits_own_way_keeps_private_as_well() -> None:
    """`chainlit run app.py` loads app.py as a module: its first call is the same."""
    calls = [
        node.value.func.id
        for node in tree(next(path for path in modules() if str(path) == "app.py")).body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
    ]
    assert calls[0] == "keep_private"


def test_no_traceback_is_drawn_in_a_frame() -> None:
    """Typer's own tracebacks break lines, and a key in them with them: our commands do without."""
    drawn = [
        str(path)
        for path in modules()
        if not str(path).startswith(("bench/", *_INHERITS))
        if "typer.run(" in text(path) or ('"__main__"' in text(path) and "Typer(" in text(path))
        if "pretty_exceptions_enable=False" not in text(path)
    ]
    assert drawn == []


def _first_calls(module: ast.Module) -> list[str]:
    """What is called under `if __name__ == "__main__"`, in order."""
    guarded = [node for node in module.body if isinstance(node, ast.If) and "__main__" in ast.dump(node.test)]
    statements = [statement for node in guarded for statement in node.body]
    calls = [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return [call.func.id for call in calls if isinstance(call.func, ast.Name)]
