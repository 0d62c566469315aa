"""What the product has, the product uses: what only tests call is code that no user reaches."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from typing import Final

from tests.house.tree import PACKAGES, files, modules, text

# Called by others, by a name that is theirs.
CALLED_BY_OTHERS: Final = {
    "html.parser": {"handle_starttag", "handle_endtag", "handle_data"},
    "io.TextIOBase": {"writelines"},
    "pyarrow's writers": {"writable"},
    "SQLAlchemy's types": {"load_dialect_impl", "process_bind_param", "process_result_value"},
    "itsdangerous' TimestampSigner": {"get_timestamp"},
    "Jinja's BytecodeCache": {"load_bytecode", "dump_bytecode"},
    "Prometheus's Collector": {"collect"},
    "limits' MemoryStorage": {"acquire_entry"},
    "Chainlit's BaseDataLayer": {
        "create_element",
        "update_step",
        "get_element",
        "upsert_feedback",
        "delete_feedback",
        "get_thread_author",
        "get_thread",
        "build_debug_url",
        "get_favorite_steps",
    },
}


def names_in(source: str) -> Iterator[str]:
    """Every name that code uses, also in a text that is not its documentation."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            yield token.string
        elif token.type == tokenize.STRING and '"""' not in token.string:
            yield from re.findall(r"\w+", token.string)


def test_nothing_is_there_for_tests_alone() -> None:
    """A function or class that is named only where it is defined goes, or moves to the tests that call it."""
    paths = modules()
    used = Counter(name for path in paths for name in names_in(text(path)))
    used.update(name for page in files(".html") for name in re.findall(r"\w+", text(page)))
    others = set().union(*CALLED_BY_OTHERS.values())
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path in paths
        if path.parts[0] in PACKAGES and "migrations" not in path.parts
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.decorator_list
        and not node.name.startswith("__")
        and used[node.name] == 1
        and node.name not in others
    ]
    assert found == []
