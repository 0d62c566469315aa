"""Numbers that came as text: from an address, a form, a header, a cursor."""


def whole_number(written: str | None, most_digits: int = 9) -> int | None:
    """The number that a text is.

    Args:
        written: From anywhere. `str.isdigit` takes the digits of every script, and "²", which `int` does not
            read; and a number of thousands of digits keeps `int` busy.
        most_digits: How long one may be; of nine, each fits into a column of the database.

    Returns:
        It; None for anything but 0 to 9, and for a longer one.
    """
    if not written or len(written) > most_digits or not (written.isascii() and written.isdigit()):
        return None
    return int(written)
