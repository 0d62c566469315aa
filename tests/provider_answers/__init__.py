"""What real servers send: one line for each behaviour that was reported of one.

Each is tried through the real client and the real stage on both databases (tests/stages/test_providers.py):
what the participant reads, the call's row, what the model is told in the next turn.
"""

from typing import Final

from tests.provider_answers.breaks import BREAKS
from tests.provider_answers.case import Case
from tests.provider_answers.empty import EMPTY
from tests.provider_answers.errors import ERRORS
from tests.provider_answers.numbers import NUMBERS
from tests.provider_answers.shapes import SHAPES
from tests.provider_answers.thinking import THINKING

CASES: Final[tuple[Case, ...]] = (*SHAPES, *THINKING, *EMPTY, *NUMBERS, *BREAKS, *ERRORS)
