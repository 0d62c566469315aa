"""A form of all kinds, and answers to it: right ones, wrong ones, and what no page of ours would send."""

import random
from typing import Any, Final

from study.forms import Form


class _Reminding(Form):
    @property
    def reminds(self) -> bool:
        return True


FORM: Final = _Reminding.model_validate(
    {
        "id": "all",
        "items": [
            {"id": "text", "kind": "text", "label": "?", "least": 2, "most": 5},
            {"id": "long", "kind": "long_text", "label": "?", "required": "ask_once", "most": 12},
            {"id": "whole", "kind": "number", "label": "?", "least": -3, "most": 10},
            {"id": "fine", "kind": "number", "label": "?", "decimals": 2, "required": False},
            {"id": "one", "kind": "choice", "label": "?", "options": ["a", "b"], "other": True},
            {
                "id": "some",
                "kind": "choices",
                "label": "?",
                "options": ["a", "b", "c", {"value": "none", "alone": True}],
                "other": True,
                "least": 2,
                "most": 3,
            },
            {"id": "points", "kind": "scale", "label": "?", "most": 7},
            {"id": "words", "kind": "scale", "label": "?", "options": ["low", "high"], "required": False},
            {"id": "slide", "kind": "slider", "label": "?", "least": 0, "most": 1, "step": 0.1},
            {"id": "order", "kind": "ranking", "label": "?", "options": ["x", "y", "z"]},
            {"id": "day", "kind": "date", "label": "?", "least": "2000-02-28", "most": "2030-01-01"},
            {"id": "hour", "kind": "time", "label": "?", "most": "18:00", "required": False},
            {"id": "agree", "kind": "yes_no", "label": "?"},
            {"id": "mail", "kind": "email", "label": "?", "required": False},
            {"id": "paper", "kind": "file", "label": "?", "most": 2, "required": False},
            {"id": "spaced", "kind": "choice", "label": "?", "options": [" a", "b\r\n"], "required": False},
            # Of every object of a page's there is something of this name.
            {"id": "constructor", "kind": "text", "label": "?"},
            {
                "id": "after",
                "kind": "text",
                "label": "?",
                "show_if": {"item": "constructor", "is_not": "x"},
            },
            {"id": "why", "kind": "text", "label": "?", "show_if": {"item": "agree", "is": False}},
            {"id": "much", "kind": "text", "label": "?", "show_if": {"item": "whole", "at_least": 3}},
            {
                "id": "both",
                "kind": "text",
                "label": "?",
                "show_if": {
                    "any": [
                        {"all": [{"item": "one", "is_not": "a"}, {"item": "some", "is": "b"}]},
                        {"item": "day", "at_most": "2010-01-01"},
                        {"item": "points", "is": 7},
                    ]
                },
            },
        ],
    }
)

_STRANGE: Final[list[Any]] = [
    None,
    "",
    " ",
    [],
    {},
    True,
    False,
    0,
    1,
    1.5,
    -1,
    1e15,
    "0",
    "x",
    ["x"],
    [1],
    [[]],
]
_TEXTS: Final[list[Any]] = [
    *(
        "ab",
        "  ab\n",
        "a\nb",
        "a\r\nb",
        "\u00a0ab\u3000",
        "abcdef",
        "a\0b",
        "a\ud800b",
        "\ud83d\ude00\ud83d\ude00",
    ),
    *("😀😀😀😀😀", "a\u200db", "\x1fab\x1f", "\ufeffab", "é" * 6, "e\u0301" * 3, "\x85ab\x85"),
]
_NUMBERS: Final[list[Any]] = [
    *(
        "3",
        "+3",
        "-3",
        "\u22123",
        "3.0",
        "3,0",
        "3.5",
        "1e3",
        " 7 ",
        "٣",
        "３",
        "10",
        "11",
        "-4",
        "007",
        "1.25",
    ),
    *(
        "1.250",
        "1.255",
        "999999999999999",
        "1000000000000000",
        ".5",
        "5.",
        "1.2345678",
        3,
        3.0,
        3.5,
        2.25,
        2.255,
    ),
    *(0.1, 0.2, 0.30000000000000004, 0.7, 0.75, "0.3", "0,3", 1e300, -0.0, 7, 8),
]
_POOLS: Final[dict[str, list[Any]]] = {
    "text": _TEXTS,
    "long": _TEXTS,
    "whole": _NUMBERS,
    "fine": _NUMBERS,
    "points": _NUMBERS,
    "slide": _NUMBERS,
    "one": ["a", "b", "c", "other", "A", " a "],
    "one_other": [*_TEXTS, "x" * 501],
    "some": [
        ["a"],
        ["a", "b"],
        ["b", "a", "c"],
        ["a", "a"],
        ["none"],
        ["none", "a"],
        ["b", "other"],
        ["q"],
        "a",
    ],
    "some_other": ["x", " "],
    "words": ["low", "high", "mid", 1],
    "order": [["x", "y", "z"], ["z", "y", "x"], ["x", "y"], ["x", "x", "y"], ["x", "y", "z", "q"]],
    "day": [
        *("2004-02-29", "2005-02-29", "2000-02-28", "2000-02-27", "2030-01-02", "2004-2-9", "0000-01-01"),
        *(
            "2004-13-01",
            "2004-00-10",
            "2004-04-31",
            "1900-02-29",
            "20040229",
            "2004-02-29 ",
            "２００４-02-29",
        ),
    ],
    "hour": ["08:30", "8:30", "24:00", "18:00", "18:01", "00:00", "08:30:00", "08:60"],
    "agree": [True, False, "yes", 1],
    "mail": [
        *(
            "a@b.de",
            "a@b",
            "a b@c.de",
            "a@b..de",
            "@b.de",
            "a@b.de.",
            "a@@b.de",
            "ä@bücher.example",
            "a@b.c d",
        ),
        *("x" * 65 + "@b.de", "a@" + "b" * 250 + ".de"),
    ],
    "paper": [["1"], ["1", "2"], ["1", "2", "3"], [""], "1"],
    "spaced": [" a", "a", "b\r\n", "b\n"],
    "constructor": ["x", "y", ""],
    "after": ["z"],
    "why": ["so", ""],
    "much": ["very", ""],
    "both": ["yes", ""],
}


def drawn_answers(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Answers to FORM, the same ones each time: mostly to be read, some of them strange."""
    chance = random.Random(seed)  # no secret
    return [
        {
            item: chance.choice(pool if chance.random() < 0.85 else _STRANGE)
            for item, pool in _POOLS.items()
            if chance.random() < 0.9
        }
        for _ in range(count)
    ]
