"""What an import of a codebook does, once it was agreed to."""

from collections.abc import Sequence

from data_layer.coding.codebook import Code, Codebook
from data_layer.coding.codebook_import import CodebookLine, ImportPlan
from data_layer.coding.swatches import next_colour
from study.names import normalise_name


async def carry_out(
    codebook: Codebook, plan: ImportPlan, codes: Sequence[Code], researcher_id: str, author: str
) -> int:
    """Write what a plan says.

    Args:
        codebook: Written to.
        plan: Made of these codes.
        codes: Every code as it reads now, retired ones too.
        researcher_id: Who imports them.
        author: Their name.

    Returns:
        The last version that came of it.

    Raises:
        CodingError: Another hand has taken a name since.
        DatabaseError: The database does not answer.
    """
    known, last = [code for code in codes if code.retired_at is None], 0
    ids = {normalise_name(code.name).key: code.code_id for code in known}

    def above(line: CodebookLine) -> str | None:
        if line.parent is None:
            return None
        return ids[normalise_name(line.parent).key] if line.parent else ""

    for line in plan.added:
        colour, parent = line.colour or next_colour(known), above(line) or ""
        code = await codebook.add(
            line.name, line.definition or "", colour, researcher_id, author, parent_id=parent
        )
        ids[line.key], last = code.code_id, max(last, code.version)
        known.append(code)
    for line, now in plan.changed:
        code = await codebook.change(
            now.code_id,
            researcher_id,
            author,
            name=None if line.name == now.name else line.name,
            definition=line.definition,
            colour=line.colour,
            parent_id=above(line),
        )
        last = max(last, code.version)
    return last
