"""The routes of researchers' programs, in the order in which the docs show them."""

from typing import Final

from api.research import annotations, behind, exports, study, threads

RESEARCH: Final = (study.router, threads.router, behind.router, annotations.router, exports.router)
