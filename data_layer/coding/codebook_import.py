"""A codebook from a file: what of it would be new or another, and which lines cannot be taken."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data_layer.coding.codebook import LONGEST_DEFINITION, Code
from data_layer.coding.codebook_order import circles, parents_first
from data_layer.coding.codebook_tree import tree_of
from study.errors import CodingError, StudyError
from study.file_text import text_of
from study.names import normalise_name
from study.text import storable
from study.vocabulary import CodeColour

MOST_LINES: Final = 2_000
_AS_EXPORTED: Final = "Take the file as it was exported."
_KNOWN: Final = ("name", "definition", "parent", "colour")


@dataclass(frozen=True)
class CodebookLine:
    """A code of a file.

    Args:
        number: Of the line that it begins on; the header is 1.
        name: As it will read.
        key: What makes two spellings one name.
        definition: Empty for none; None when the file has no such column.
        colour: None when the file says none.
        parent: The name of the code above; empty for none; None when the file has no such column.
    """

    number: int
    name: str
    key: str
    definition: str | None
    colour: CodeColour | None
    parent: str | None


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do.

    Args:
        added: Codes that are not there; a parent before those under it.
        changed: Codes that would read otherwise, each with what it reads now.
        same: How many read so already.
        refused: Lines that cannot be taken: their number, and why.
    """

    added: list[CodebookLine]
    changed: list[tuple[CodebookLine, Code]]
    same: int
    refused: list[tuple[int, str]]


def plan_of(content: bytes, codes: Sequence[Code]) -> ImportPlan:
    """Read a file of codes and lay it against the codebook.

    Args:
        content: CSV in UTF-8, with or without a byte order mark, its fields set apart by
            commas, semicolons or tabs: name, and definition, parent (a name), colour where there are such
            columns; or the table `codes` of an export.
        codes: Every code as it reads now, retired ones too: what stands under one of those stands, as it is
            drawn, under the next above it that lives.

    Raises:
        CodingError: It is no such file; says how to make one.
    """
    lines, refused = _lines(_rows(content))
    here = _Here(codes)
    good: dict[str, CodebookLine] = {}
    for line in lines:
        if line.key in good:
            refused.append((line.number, f"“{line.name}” is in line {good[line.key].number} already."))
        else:
            good[line.key] = line
    while bad := _wrong_parents(good, here):
        for key, why in bad.items():
            refused.append((good.pop(key).number, why))
    # In the order of what it comes to: on the way there no code stands under itself either.
    in_order = [good[key] for key in parents_first(_above(good, here)) if key in good]
    both = [(line, here.codes[line.key]) for line in in_order if line.key in here.codes]
    changed = [(line, code) for line, code in both if _differs(line, code, here)]
    added = [line for line in in_order if line.key not in here.codes]
    return ImportPlan(added, changed, len(both) - len(changed), sorted(refused))


class _Here:
    """The codebook as it reads now, by the keys of names: the living codes, and what each stands under."""

    def __init__(self, codes: Sequence[Code]) -> None:
        keys = {code.code_id: normalise_name(code.name).key for code in codes}
        self.codes = {keys[code.code_id]: code for code in codes if code.retired_at is None}
        self.above = {keys[one.code.code_id]: keys.get(one.above or "", "") for one in tree_of(codes)}


def _differs(line: CodebookLine, code: Code, here: _Here) -> bool:
    """Whether a code would read otherwise by a line."""
    return (
        line.name != code.name
        or line.definition not in (None, code.definition)
        or line.colour not in (None, code.colour)
        or (line.parent is not None and _key(line.parent) != here.above[line.key])
    )


def _key(name: str) -> str:
    return normalise_name(name).key if name else ""


def _rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        text = text_of(content)
    except UnicodeDecodeError:
        raise CodingError(
            "The file is not in UTF-8. In Excel save it as “CSV UTF-8 (comma delimited)”, and try again."
        ) from None
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if "name" not in header:
            raise CodingError(
                "The first line names no column “name”. Write it like: name,definition,parent,colour"
            )
        begun = reader.line_num + 1
        for fields in reader:
            if any(field.strip() for field in fields):
                rows.append((begun, dict(zip(header, fields, strict=False))))
            begun = reader.line_num + 1
    except csv.Error as error:
        raise CodingError(f"Line {reader.line_num} of the file is no CSV: {error}. Save it anew.") from error
    if len(rows) > MOST_LINES:
        raise CodingError(f"The file has more than {MOST_LINES:,} lines. A codebook of so many is none.")
    return _newest(rows) if "codebook_version" in header else rows


def _newest(rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
    """Of the table `codes` of an export: each code as it last read, without those retired."""
    try:
        by_version = sorted(rows, key=lambda row: int(row[1].get("codebook_version", "")))
    except ValueError:
        raise CodingError(f"A codebook_version is no number. {_AS_EXPORTED}") from None
    newest = {row.get("code_id", ""): (number, row) for number, row in by_version}
    first = {row.get("code_id", ""): row["codebook_version"] for _, row in reversed(by_version)}
    living = [(number, row) for number, row in newest.values() if not row.get("retired_at")]
    living.sort(key=lambda one: _place(one[1].get("place") or first[one[1].get("code_id", "")]))
    for _, row in living:
        if "parent_id" in row:
            _, above = newest.get(row["parent_id"], (0, {"retired_at": "unknown"}))
            passed = set[str]()
            while above.get("retired_at") and (higher := above.get("parent_id", "")) in newest:
                if higher in passed:
                    raise CodingError(f"Its codes stand under each other in a circle. {_AS_EXPORTED}")
                passed.add(higher)
                _, above = newest[higher]
            row["parent"] = "" if above.get("retired_at") else above.get("name", "")
    return living


def _place(written: str) -> float:
    """Where a code stands among those beside it; what is no number goes to the end."""
    try:
        return float(written)
    except ValueError:
        return math.inf


def _lines(rows: list[tuple[int, dict[str, str]]]) -> tuple[list[CodebookLine], list[tuple[int, str]]]:
    lines, refused = [], []
    for number, row in rows:
        try:
            name = normalise_name(row.get("name", ""))
            definition = row.get("definition")
            if definition is not None:
                definition = storable(definition.replace("\r\n", "\n")).strip()
                if len(definition) > LONGEST_DEFINITION:
                    raise CodingError(f"The definition has more than {LONGEST_DEFINITION:,} characters.")
            colour = row.get("colour", "").strip().casefold()
            if colour and colour not in set(CodeColour):
                raise CodingError(f"The colour “{colour}” is none of: {', '.join(CodeColour)}.")
            parent = row.get("parent")
            above = normalise_name(parent).shown if parent and parent.strip() else parent and ""
        except StudyError as error:
            refused.append((number, str(error)))
            continue
        lines.append(
            CodebookLine(
                number, name.shown, name.key, definition, CodeColour(colour) if colour else None, above
            )
        )
    return lines, refused


def _above(good: dict[str, CodebookLine], here: _Here) -> dict[str, str]:
    """What each code would stand under, those of the file first; a line that says nothing moves none."""
    said = {
        key: here.above.get(key, "") if line.parent is None else _key(line.parent)
        for key, line in good.items()
    }
    return said | {key: above for key, above in here.above.items() if key not in said}


def _wrong_parents(good: dict[str, CodebookLine], here: _Here) -> dict[str, str]:
    """Lines that cannot be taken for what they would stand under, and why; without them others may be."""
    above = _above(good, here)
    wrong = {key: f"“{good[key].name}” would stand under itself." for key in circles(above) if key in good}
    for key in parents_first(above):
        parent = above[key]
        if key not in good or not parent or parent in here.codes:
            continue
        if parent not in good:
            said = good[key].parent
            wrong[key] = f"There is no code “{said}” for it to stand under, neither here nor in the file."
        elif parent in wrong and key not in wrong:
            wrong[key] = f"“{good[parent].name}”, which it would stand under, cannot be taken."
    return wrong
