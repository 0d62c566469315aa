"""mutmut, with a change to it: the tests are collected once, and each change of the code only runs them.

It forks a child for every change, and each of these began pytest anew: half a second for a test of some
milliseconds. A child now has the collected tests from its parent and runs those that reach the change: first
the one that has noticed most so far, among equals the quickest. It ends with the first that fails.
This stands in the place of `python -m mutmut`.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest
from mutmut.__main__ import cli
from mutmut.configuration import config
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string
from mutmut.runners.harness import PytestRunner
from mutmut.utils.file_utils import change_cwd

LOGIC: Final = "--logic"
_FOLDER: Final = "mutants"
# A line for each change that was noticed: the test.
_KILLERS: Final = Path("killers.txt")


class Collected:
    """The tests, as pytest holds them between collecting and running.

    Args:
        arguments: pytest's own.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._config = pytest.Config.fromdictargs({}, [*arguments])
        self._config._do_configure()
        self._session = pytest.Session.from_config(self._config)
        self._config.pluginmanager.register(self)
        self._is_child = False
        self._config.hook.pytest_sessionstart(session=self._session)
        self._config.hook.pytest_collection(session=self._session)
        self._items = {item.nodeid: item for item in self._session.items}

    def run(self, names: Sequence[str]) -> NoReturn:
        """Run some of them, or all, up to the first that fails; in a process that has nothing else to do."""
        self._is_child = True
        # mutmut has put a file in its place; closed by nobody, pytest would blame the first test for it.
        self._stdout = sys.stdout
        kills = Counter(_KILLERS.read_text("utf-8").splitlines()) if _KILLERS.exists() else Counter()
        chosen = [self._items[name] for name in sorted(names, key=lambda name: -kills[name]) or self._items]
        for item, behind in zip(chosen, [*chosen[1:], None], strict=True):
            self._config.hook.pytest_runtest_protocol(item=item, nextitem=behind)
        os._exit(0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """End at once, without tidying up: that may wait for what a change has stopped."""
        if self._is_child and report.failed:
            with _KILLERS.open("a", encoding="utf-8") as file:
                file.write(f"{report.nodeid}\n")
            os._exit(1)


@cache
def collected() -> Collected:
    """Those that mutmut was told of."""
    own = config()
    selection = own.pytest_add_cli_args_test_selection
    return Collected(["--rootdir=.", "-q", *own.pytest_add_cli_args, *selection])


def run_tests(_: Any, *, mutant_name: str | None, tests: Iterable[str]) -> int:
    """In the place of mutmut's, which is called in the parent for the code as it stands, else in a child."""
    with change_cwd(_FOLDER):
        own = collected()
        child = os.fork() if mutant_name is None else 0
        if not child:
            own.run(list(tests))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def choose_changes(*, logic: bool) -> None:
    """Of a text one change is enough: whoever notices one letter notices that all are capitals.

    Args:
        logic: No texts at all and no arguments left out: more than half of all changes, which a test that
            comes there notices nearly always.
    """
    left_out = {operator_string, operator_arg_removal} if logic else set()
    mutation_operators[:] = [  # type: ignore[index]
        (kind, _first_text if operator is operator_string else operator)
        for kind, operator in mutation_operators
        if operator not in left_out
    ]


def _first_text(node: Any) -> Iterable[Any]:
    return islice(operator_string(node), 1)


if __name__ == "__main__":
    choose_changes(logic=LOGIC in sys.argv)
    sys.argv = [one for one in sys.argv if one != LOGIC]
    PytestRunner.run_tests = run_tests  # type: ignore[method-assign, assignment]
    cli()
