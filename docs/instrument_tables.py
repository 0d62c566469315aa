"""The table of docs/reference/instruments.md, from the instrument files; cog calls it."""

from study.instruments import Instrument, shipped_instruments


def instruments_table() -> str:
    """Give the instruments that are here.

    Returns:
        A Markdown table: id, title and reference, items, answers, scales, what may be done with the words,
        whether they are here.
    """
    header = ("id", "instrument", "items", "answers", "scales", "licence", "words")
    rows = [_row(instrument) for instrument in shipped_instruments().values()]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ("---",) * len(header), *rows))


def _row(instrument: Instrument) -> tuple[str, ...]:
    title = instrument.title
    if instrument.reference.doi is not None:
        title = f"[{title}](https://doi.org/{instrument.reference.doi})"
    turned = [item.id for item in instrument.items if item.reversed]
    items = str(len(instrument.items)) + (f"; reversed: {', '.join(turned)}" if turned else "")
    answers = f"{instrument.answers.least} to {instrument.answers.most}"
    if instrument.answers.step > 1:
        answers += f" by {instrument.answers.step}"
    scales = [
        f"{name}: {scale.how} of {len(scale.items)}, {scale.range[0]:g} to {scale.range[1]:g}"
        for name, scale in instrument.scales.items()
    ]
    licence = f"{instrument.licence.words}. Says: {instrument.licence.said_by}"
    words = f"not here: {instrument.get_texts_from}" if instrument.is_bare else _languages(instrument)
    return f"`{instrument.id}`", title, items, answers, "<br>".join(scales), licence, words


def _languages(instrument: Instrument) -> str:
    return "; ".join(f"here, {language}: {words.source}" for language, words in instrument.languages.items())
