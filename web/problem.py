"""What is answered instead of what was asked for: a status and a sentence, raised wherever it is noticed.

Each app draws it in its own way: the page in the participant's language, the room in English; to a program
it has one shape.
"""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from study.strings import Strings
from web.pages import NOT_KEPT


class HttpProblem(Exception):
    """A request cannot be answered as it was meant.

    Args:
        status: Of the answer.
        text: A sentence with the repair; of participants, who read it in their own language, its key in
            study/strings.yaml.
        headers: What the answer must carry besides.
        field: Which field of what was sent is at fault.
        values: For the placeholders of the key's sentence.
    """

    def __init__(
        self,
        status: int,
        text: str,
        *,
        headers: Mapping[str, str] | None = None,
        field: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = dict(headers or {})
        self.field = field
        self.values = values

    def sentence(self, strings: Strings) -> str:
        """What its key says in a language."""
        return strings(self.text, **self.values)


def json_problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Tell a program, or a script of ours, what is wrong.

    Args:
        status: Of the answer.
        sentence: With the repair.
        headers: What the answer must carry besides.

    Returns:
        JSON with the sentence as "problem", where our own scripts read it, and as "detail", where Chainlit's
        page looks for it (libs/react-client/src/api/index.tsx).
    """
    return JSONResponse({"problem": sentence, "detail": sentence}, status, NOT_KEPT | dict(headers or {}))
