"""The keys once more, as the papers write them: with formulas of their own, not from the files.

`a[n]` is the answer to the n-th item.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

Answers = Mapping[int, int]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _sus(a: Answers) -> float:
    odd = sum(a[n] - 1 for n in (1, 3, 5, 7, 9))
    even = sum(5 - a[n] for n in (2, 4, 6, 8, 10))
    return (odd + even) * 2.5


def _umux_lite(a: Answers) -> float:
    return (a[1] + a[2] - 2) * (100 / 12)


KEYS: Final[dict[str, dict[str, Callable[[Answers], float]]]] = {
    "tipi": {
        "extraversion": lambda a: (a[1] + 8 - a[6]) / 2,
        "agreeableness": lambda a: (8 - a[2] + a[7]) / 2,
        "conscientiousness": lambda a: (a[3] + 8 - a[8]) / 2,
        "emotional_stability": lambda a: (8 - a[4] + a[9]) / 2,
        "openness": lambda a: (a[5] + 8 - a[10]) / 2,
    },
    "bfi-10": {
        "extraversion": lambda a: (6 - a[1] + a[6]) / 2,
        "agreeableness": lambda a: (a[2] + 6 - a[7]) / 2,
        "conscientiousness": lambda a: (6 - a[3] + a[8]) / 2,
        "neuroticism": lambda a: (6 - a[4] + a[9]) / 2,
        "openness": lambda a: (6 - a[5] + a[10]) / 2,
    },
    "bfi-2-xs": {
        "extraversion": lambda a: (6 - a[1] + a[6] + a[11]) / 3,
        "agreeableness": lambda a: (a[2] + 6 - a[7] + a[12]) / 3,
        "conscientiousness": lambda a: (6 - a[3] + 6 - a[8] + a[13]) / 3,
        "negative_emotionality": lambda a: (a[4] + a[9] + 6 - a[14]) / 3,
        "open_mindedness": lambda a: (a[5] + 6 - a[10] + a[15]) / 3,
    },
    "panas": {
        "positive_affect": lambda a: sum(a[n] for n in (1, 3, 5, 9, 10, 12, 14, 16, 17, 19)),
        "negative_affect": lambda a: sum(a[n] for n in (2, 4, 6, 7, 8, 11, 13, 15, 18, 20)),
    },
    "i-panas-sf": {
        "positive_affect": lambda a: a[3] + a[5] + a[7] + a[8] + a[10],
        "negative_affect": lambda a: a[1] + a[2] + a[4] + a[6] + a[9],
    },
    "sus": {"usability": _sus},
    "umux-lite": {"usability": _umux_lite, "sus_estimate": lambda a: 0.65 * _umux_lite(a) + 22.9},
    "ueq-s": {
        "pragmatic": lambda a: _mean([a[n] - 4 for n in (1, 2, 3, 4)]),
        "hedonic": lambda a: _mean([a[n] - 4 for n in (5, 6, 7, 8)]),
        "overall": lambda a: _mean([a[n] - 4 for n in range(1, 9)]),
    },
    "nasa-tlx-raw": {"workload": lambda a: (a[1] + a[2] + a[3] + a[4] + a[5] + a[6]) / 6},
    "s-tias": {"trust": lambda a: (a[1] + a[2] + a[3]) / 3},
    "jian-trust": {
        "overall": lambda a: (sum(8 - a[n] for n in range(1, 6)) + sum(a[n] for n in range(6, 13))) / 12,
        "trust": lambda a: sum(a[n] for n in range(6, 13)) / 7,
        "distrust": lambda a: (a[1] + a[2] + a[3] + a[4] + a[5]) / 5,
    },
    "godspeed": {
        "anthropomorphism": lambda a: _mean([a[n] for n in range(1, 6)]),
        "animacy": lambda a: _mean([a[n] for n in range(6, 12)]),
        "likeability": lambda a: _mean([a[n] for n in range(12, 17)]),
        "perceived_intelligence": lambda a: _mean([a[n] for n in range(17, 22)]),
    },
}
