"""What is answered instead of what was asked for."""

import json

from study.strings import strings_in
from web.problem import HttpProblem, json_problem


def test_a_problem_is_read_in_the_language_of_whoever_asks() -> None:
    """Its key has a sentence in each, filled with the values that it was raised with."""
    problem = HttpProblem(413, "asked.comment_too_long", limit=17)
    for language in ("en", "de"):
        assert problem.sentence(strings_in(language)) == strings_in(language)(problem.text, limit=17)
        assert "17" in problem.sentence(strings_in(language))


def test_a_program_finds_the_sentence_where_it_looks() -> None:
    """Our scripts read `problem`, Chainlit's page reads `detail`; no cache keeps the answer."""
    answer = json_problem(429, "Too much.", {"Retry-After": "7"})
    assert json.loads(bytes(answer.body)) == {"problem": "Too much.", "detail": "Too much."}
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["cache-control"] == "no-store"
