r"""Texts of agents with formulas, and without: one table for Chainlit's page and for our own."""

from dataclasses import dataclass
from typing import Final

Formula = tuple[str, bool]
"""TeX, and whether it stands in lines of its own."""


@dataclass(frozen=True)
class Case:
    """A text.

    Args:
        name: What it is about.
        said: As an agent wrote it.
        formulas: Those in it, in order.
        words: What is read beside them, whatever white space is between; "□" stands where a formula does.
    """

    name: str
    said: str
    formulas: tuple[Formula, ...]
    words: str


def _inline(*tex: str) -> tuple[Formula, ...]:
    return tuple((one, False) for one in tex)


def _display(*tex: str) -> tuple[Formula, ...]:
    return tuple((one, True) for one in tex)


CASES: Final = (
    Case("round", r"So \(x^2\) grows.", _inline("x^2"), "So □ grows."),
    Case("round, spaced", r"So \( x \) grows.", _inline("x"), "So □ grows."),
    Case("round, two", r"\(a\) and \(b\)", _inline("a", "b"), "□ and □"),
    Case("round, over lines", "So \\(a\n= b\\) grows.", _inline("a = b"), "So □ grows."),
    Case("round, over a list", "So \\(a\n- b\\) grows.", (), "So \\(a b) grows."),
    Case("round, words", r"\(\text{speed} = \frac{s}{t}\)", _inline(r"\text{speed} = \frac{s}{t}"), "□"),
    Case("round, a backslash at its end", r"\(a \\ b\)", _inline(r"a \\ b"), "□"),
    Case("square", "We get\n\n\\[\nx = 1\n\\]\n\nnow.", _display("x = 1"), "We get □ now."),
    Case("square in a paragraph", "We get\n\\[\nx = 1\n\\]\nnow.", _display("x = 1"), "We get □ now."),
    Case("square in one line", "We get\n\n\\[ x = 1 \\]\n\nnow.", _display("x = 1"), "We get □ now."),
    Case("square, lines like marks", "\\[\na\n- b\n+ c\n= 0\n\\]", _display("a - b + c = 0"), "□"),
    Case("square, begun and ended among words", "\\[a\n= b\\]", _display("a = b"), "□"),
    Case("square, a remark", "\\[\na % so\n= b\n\\]", _display("a = b"), "□"),
    Case("square in a list", "1. One:\n   \\[\n   x = 1\n   \\]\n2. Two", _display("x = 1"), "One: □ Two"),
    Case("square at a list's mark", "- \\[ x = 1 \\]\n- Two", _display("x = 1"), "□ Two"),
    Case("square in a quotation", "> It is\n> \\[\n> x\n> = 1\n> \\]", _display("x = 1"), "It is □"),
    Case("square among words", r"As \[x = 1\] says.", _inline(r"\displaystyle x = 1"), "As □ says."),
    Case("in a heading", r"# Of \(x\)", _inline("x"), "Of □"),
    Case("in a table", "| a | b |\n|---|---|\n| \\(x\\) | 1 |", _inline("x"), "a b □ 1"),
    Case("in bold", r"**Total: \(x_1\)** and *\(y_1\)*", _inline("x_1", "y_1"), "Total: □ and □"),
    Case("dollars", "So $$x^2$$ grows.", _inline("x^2"), "So □ grows."),
    Case("dollars, spaced", "So $$ x $$ grows.", _inline("x"), "So □ grows."),
    Case("dollars alone", "So\n\n$$E = mc^2$$\n\nit is.", _display("E = mc^2"), "So □ it is."),
    Case("dollars in lines", "So\n\n$$\nE = mc^2\n$$\n\nit is.", _display("E = mc^2"), "So □ it is."),
    Case("dollars over lines", "$$E\n= mc^2$$", _display("E = mc^2"), "□"),
    Case("dollars in a list", "- So:\n\n  $$\n  x\n  $$\n", _display("x"), "So: □"),
    Case("a price", "It costs $5 and $6, or $1,000.", (), "It costs $5 and $6, or $1,000."),
    Case("two dollars are no formula", "It costs $$5 and $$10.", (), "It costs $$5 and $$10."),
    Case("two dollars and words", "From $$ and $$ and $$$.", (), "From $$ and $$ and $$$."),
    Case("two dollars, one end", "Between $$5/day and $$ more", (), "Between $$5/day and $$ more"),
    Case("two dollars begin a line", "$$ is much.\n\nMore words.", (), "$$ is much. More words."),
    Case("two dollars, a blank line", "$$a\n\nb$$", (), "$$a b$$"),
    Case("a variable", "Say $HOME, $PATH.", (), "Say $HOME, $PATH."),
    Case("a price beside a formula", r"$5 is \(5\) dollars", _inline("5"), "$5 is □ dollars"),
    Case("in code", r"Write `\(x\)` or `$$x$$`.", (), r"Write \(x\) or $$x$$."),
    Case("in more code", "Write ``\\[ ` \\]``.", (), r"Write \[ ` \]."),
    Case(
        "in a fence",
        "```\n\\[\nx\n\\]\n$$5 and $$\na:b\n```\n\\(x\\)",
        _inline("x"),
        "\\[ x \\] $$5 and $$ a:b □",
    ),
    Case("in a fence of a list", "- So:\n  ```\n  \\(x\\)\n  ```\n- \\(y\\)", _inline("y"), "So: \\(x\\) □"),
    Case("in indented code", "So:\n\n    \\(x\\) $$y$$\n\n\\(z\\)", _inline("z"), "So: \\(x\\) $$y$$ □"),
    Case("a fence of mathematics", "```math\nx = 1\n```", _display("x = 1"), "□"),
    Case("escaped", r"A path C:\\(x) and \\[y]", (), r"A path C:\(x) and \[y]"),
    Case("a bracket", r"He said \[sic\] and \[1\] and \[x\].", (), "He said [sic] and [1] and [x]."),
    Case("it does not end", r"So \(x and more", (), r"So \(x and more"),
    Case("it does not end, square", "So\n\n\\[\nx = 1", (), "So \\[ x = 1"),
    Case("it does not end, dollars", "So\n\n$$\nx = 1", (), "So $$ x = 1"),
    Case("an end alone", r"So x\) and x\]", (), "So x) and x]"),
    Case("empty", r"\(\) and $$$$", (), r"() and $$$$"),
    Case(
        "a colon and a word",
        "Lehrer:innen, note:this, :smile: and a:b[c]",
        (),
        "Lehrer:innen, note:this, :smile: and a:b[c]",
    ),
    Case("colons begin a line", "::note\n\nand ::: so", (), "::note and ::: so"),
    Case(
        "times and addresses",
        "At 10:30, std::vector, https://a.example/b:c",
        (),
        "At 10:30, std::vector, https://a.example/b:c",
    ),
)
