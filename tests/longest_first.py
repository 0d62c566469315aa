"""The order in which several workers take the files of tests: the longest first, so that all end together.

A long file that is begun last keeps one worker busy while the others have nothing to do. pytest-xdist goes by
the number of tests, and the longest of ours are among those with the fewest.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

# Longer than the number of their tests says, the longest first: pytest --durations=0 tells.
LONGEST: Final = (
    "tests/browser/test_research_everything.py",
    "tests/browser/test_research_thread.py",
    "tests/browser/test_accessibility.py",
    "tests/browser/test_protocol.py",
    "tests/browser/test_connection.py",
    "tests/browser/test_research_exports.py",
    "tests/browser/test_research_live.py",
    "tests/browser/test_sidebar.py",
    "tests/browser/test_selectors.py",
    "tests/browser/test_below_a_path.py",
    "tests/browser/test_forms.py",
    "tests/browser/test_intents.py",
    "tests/browser/test_first_study.py",
    "tests/browser/test_research_newcomer.py",
    "tests/browser/test_languages.py",
    "tests/journeys/test_coffee.py",
    "tests/journeys/test_killed_server.py",
    "tests/journeys/test_persuasion.py",
    "tests/cli/test_pilot_command.py",
    "tests/journeys/test_fifty_participants.py",
    "tests/journeys/test_front_door.py",
    "tests/journeys/test_private.py",
    "tests/journeys/test_local_model.py",
    "tests/exports/test_use_and_forgery.py",
    "tests/api/test_any_program.py",
    "tests/stages/test_any_walk.py",
    "tests/deploy/test_nightly_export.py",
    "tests/research/test_exports.py",
    "tests/front_door/test_test.py",
    "tests/exports/test_withdrawals.py",
    "tests/exports/test_folder.py",
    "tests/exports/test_verify.py",
    "tests/stages/test_branches.py",
    "tests/front_door/test_run.py",
    "tests/agent/tools/test_mcp.py",
    "tests/stages/test_any_intents.py",
    "tests/stages/test_model_barista.py",
    "tests/cli/test_codebook_commands.py",
    "tests/research/test_selection.py",
    "tests/house/test_imports.py",
    "tests/data_layer/test_simulated.py",
    "tests/exports/test_branches.py",
    "tests/exports/test_memory.py",
    "tests/exports/test_package.py",
    "tests/exports/test_loaders.py",
    "tests/exports/test_readers.py",
    "tests/exports/test_readers_r.py",
    "tests/exports/test_command.py",
    "tests/exports/test_agents.py",
    "tests/data_layer/review/test_segments.py",
    "tests/page/test_earlier.py",
    "tests/research/test_doors.py",
    "tests/api/research/test_how_to.py",
    "tests/api/research/test_exports.py",
)


def longest_first(names: Sequence[str]) -> list[str]:
    """The files that tests of these names are in: the named ones first, then those with the most tests."""
    tests = Counter(file_of(name) for name in names)
    ranks = {file: rank for rank, file in enumerate(LONGEST)}
    return sorted(tests, key=lambda file: (ranks.get(file, len(ranks)), -tests[file], file))


def file_of(name: str) -> str:
    """A test's file, by its full name."""
    return name.partition("::")[0]
