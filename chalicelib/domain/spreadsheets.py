"""Tables as text that spreadsheets open, and take for nothing but text."""

import csv
import io
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take UTF-8 for the code page of their country."""

_FORMULAS = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
"""What makes a cell a formula (https://owasp.org/www-community/attacks/CSV_Injection), full-width forms included."""


def to_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as RFC 4180 has them: commas, CR LF, quotes where they are needed, and no cell that is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell's text, behind an apostrophe where a spreadsheet would calculate it.

    Blanks before it do not count, as some programs leave them out.
    """
    begins = cell.lstrip(" \u00a0\u200b\ufeff\n")[:1]
    return f"'{cell}" if begins in _FORMULAS and begins else cell
