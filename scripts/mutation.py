"""Mutation testing: which small faults in the code would no test notice?

mutmut does the work, on a copy of the tree in the temporary folder: it changes one operator, number or
call at a time and runs the tests that reach it. What survives is a test that is missing, or a change that
makes no difference; those are named, with the reason, in tests/survivors.toml.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOGIC: Final = "--logic"
ROOT: Final = Path(__file__).resolve().parent.parent
# A disk makes each commit of a test wait, and this is many commits; None is the usual place.
_MEMORY: Final = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
NAMED: Final = Path("tests/survivors.toml")
# Files that are found by their place, beside the packages.
_BESIDE: Final = (
    "public",
    "studies",
    ".chainlit",
    "docs",
    "deploy",
    "scripts",
    "bench",
    "pytest.ini",
    "pyproject.toml",
)


@dataclass(frozen=True)
class Survivor:
    """A change that no test has noticed.

    Args:
        name: mutmut's, from which the change can be shown again.
        before: The line as it stands.
        after: As it was instead; "" where it was left out.
        untested: No test comes there at all.
    """

    name: str
    before: str
    after: str
    untested: bool

    @property
    def function(self) -> str:
        """The function, without mutmut's marks."""
        return self.name.rpartition("__mutmut_")[0].replace("xǁ", "").replace("ǁ", ".").replace(".x_", ".")


def main(arguments: Sequence[str]) -> int:
    """Try the paths before a `--` with the tests behind it.

    Returns:
        0 when every survivor is named, 1 when some are not, 2 when mutmut did not come to its end.
    """
    flags = [one for one in arguments if one == LOGIC]
    given = [one for one in arguments if one != LOGIC]
    at = given.index("--") if "--" in given else len(given)
    places, tests = given[:at], given[at + 1 :]
    paths = sorted({place.partition("::")[0] for place in places})
    with tempfile.TemporaryDirectory(prefix="verbatim-mutants-", dir=_MEMORY) as folder:
        copy = Path(folder) / "tree"
        _copy_tree(copy)
        _configure(copy, paths, tests or _tests_of(paths))
        if _run(copy, [*flags, "run", "--max-children", "1", *mutants_of(places)]):
            return 2
        results = _results(copy)
        sys.stdout.write(f"\n{_counted(results)}\n")
        return report(list(_survivors(copy, results)), named(ROOT / NAMED))


def mutants_of(places: Sequence[str]) -> list[str]:
    """What mutmut calls the changes of the functions named behind a `::`; none when all are meant."""
    wanted = []
    for place in places:
        path, named, function = place.partition("::")
        if not named:
            return []
        module = path.removesuffix(".py").replace("/", ".")
        wanted += [f"{module}.{mark}{function}__mutmut_*" for mark in ("x_", "x*ǁ")]
    return wanted


def report(survivors: Sequence[Survivor], known: "Named") -> int:
    """Print the survivors that nobody has named.

    Returns:
        1 where there are any, else 0.
    """
    unknown = [one for one in survivors if not known.has(one)]
    lines = [
        f"\n{one.function}{' (no test)' if one.untested else ''}\n  - {one.before}\n  + {one.after}"
        for one in unknown
    ]
    named_too = len(survivors) - len(unknown)
    lines.append(f"\n{len(survivors)} survived, {named_too} of them named in {NAMED}.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if unknown else 0


@dataclass(frozen=True)
class Named:
    """Survivors that make no difference: by kind, and one by one."""

    kinds: tuple[re.Pattern[str], ...]
    single: frozenset[tuple[str, str]]

    def has(self, survivor: Survivor) -> bool:
        """Whether somebody has looked at it and said why it may live."""
        return (survivor.function, survivor.after) in self.single or any(
            kind.search(f"{survivor.before}\n{survivor.after}") for kind in self.kinds
        )


def named(path: Path) -> Named:
    """Read tests/survivors.toml."""
    kept = tomllib.loads(path.read_text(encoding="utf-8"))
    kinds = tuple(re.compile(kind["change"], re.MULTILINE) for kind in kept.get("kind", []))
    return Named(kinds, frozenset((one["function"], one["after"]) for one in kept.get("mutant", [])))


_MUTMUT: Final = (sys.executable, "-m", "mutmut")
_QUICK: Final = (sys.executable, "-m", "scripts.mutation_quick")


def _run(copy: Path, arguments: Sequence[str]) -> int:
    """One at a time: two tests at once would be slow enough for a change to count as one that never ends."""
    # What a test leaves when it is cut off goes with the copy.
    leave = ["env", f"TMPDIR={copy.parent}"]
    command = [*leave, *_QUICK, *arguments]
    return subprocess.run(command, cwd=copy, check=False).returncode  # noqa: S603


def _copy_tree(copy: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, copy / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def _tests_of(paths: Sequence[str]) -> list[str]:
    return sorted({f"tests/{Path(path).parts[0].removesuffix('.py')}" for path in paths})


def _configure(copy: Path, paths: Sequence[str], tests: Sequence[str]) -> None:
    packages = sorted({Path(path).parts[0] for path in paths})
    others = [
        path.name
        for path in copy.iterdir()
        if path.name not in packages and (path.suffix == ".py" or (path / "__init__.py").exists())
    ]
    lists = {
        "source_paths": packages,
        "only_mutate": [path if path.endswith(".py") else f"{path.rstrip('/')}/*" for path in paths],
        "also_copy": [*others, *_BESIDE],
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": [
            "-n0",
            "-pno:cacheprovider",
            "-mnot postgres and not slow",
            "-otmp_path_retention_policy=failed",
            # Nobody reads why a test fails, and saying it takes longer than most tests.
            "--tb=no",
            "--assert=plain",
            # Seconds that one test may wait for what a change has stopped.
            "--timeout=20",
        ],
        # A change that waits for ever is given up on after five times its tests, and some seconds.
        "timeout_multiplier": ["5"],
        "timeout_constant": ["10"],
        "track_dependencies": ["false"],
    }
    text = "\n".join(
        f"{name}=\n" + "\n".join(f"    {value}" for value in values) for name, values in lists.items()
    )
    (copy / "setup.cfg").write_text(f"[mutmut]\n{text}\n", encoding="utf-8")


def _results(copy: Path) -> dict[str, str]:
    return dict(
        re.findall(r"^\s*(\S+__mutmut_\d+): (.+)$", _ask(copy, "results", "--all", "1"), re.MULTILINE)
    )


def _counted(results: dict[str, str]) -> str:
    counts = Counter(how for how in results.values() if how != "not checked")
    return ", ".join(f"{count} {how}" for how, count in counts.most_common())


def _survivors(copy: Path, results: dict[str, str]) -> Iterator[Survivor]:
    for name, how in results.items():
        if how in {"survived", "no tests"}:
            yield survivor_of(name, _ask(copy, "show", name), how)


def survivor_of(name: str, shown: str, how: str) -> Survivor:
    """What mutmut says of one of them."""
    change = [line for line in shown.splitlines() if re.match(r"[-+](?![-+]{2} )", line)]
    before, after = (" ".join(line[1:].strip() for line in change if line.startswith(mark)) for mark in "-+")
    return Survivor(name, before, after, how == "no tests")


def _ask(copy: Path, *what: str) -> str:
    command = [*_MUTMUT, *what]
    return subprocess.run(command, cwd=copy, check=True, capture_output=True, text=True).stdout  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
