"""What the CDN's function may be: its size, and the part of JavaScript that cloudfront-js-2.0 knows."""

import re

import pytest

from tools import edge_agents


def code_alone() -> str:
    """Return the function without comments and the inside of its strings."""
    text = re.sub(r"^\s*//.*$", "", edge_agents.FUNCTION.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return re.sub(r"'(?:[^'\\\n]|\\.)*'", "''", text)


def test_the_function_is_within_the_quota() -> None:
    assert edge_agents.FUNCTION.stat().st_size <= 10 * 1024


@pytest.mark.parametrize(
    "construct",
    [
        r"\beval\b", r"\bnew Function\b", r"\bset(?:Timeout|Interval|Immediate)\b", r"\bclearTimeout\b", r"\bfetch\b",
        r"\bXMLHttpRequest\b", r"\bWebSocket\b", r"\brequire\b", r"\bimport\s*\(", r"\bprocess\b", r"\bexport\b",
        # Known to ES 2015 and later, not to this runtime.
        r"\bclass\b", r"\bof\b", r"\byield\b", r"function\s*\*", r"\.\.\.", r"\?\.", r"\?\?",
        r"\b(?:const|let|var)\s*[\[{]",
        r"\basync\s*\(", r"\basync\s+\w+\s*=>", r"=\s*async\b", r"\bSet\b", r"\bProxy\b",
        # They take more memory than there may be, says the documentation of the store.
        r"\bPromise\b", r"\.then\b",
        # Takes longer than the function may.
        r"\.split\(/",
    ],
)  # fmt: skip
def test_the_function_uses_what_the_runtime_has(construct: str) -> None:
    assert not re.search(construct, code_alone())


def test_the_only_import_is_the_first_line() -> None:
    assert re.findall(r"\bimport\b.*", code_alone()) == ["import cf from '';"]
    assert edge_agents.FUNCTION.read_text(encoding="utf-8").startswith("import cf from 'cloudfront';\n")


def test_no_blocked_word_is_one_the_function_skips() -> None:
    text = edge_agents.FUNCTION.read_text(encoding="utf-8")
    skipped = set(re.sub("[^a-z0-9_ ]", "", text.split("BROWSER_WORDS = {};", 1)[1].split(".split(", 1)[0]).split())
    assert {"mozilla", "https"} <= skipped
    blocked = {each["token"].lower() for each in edge_agents.read_agents() if each["block"]}
    assert not blocked & (skipped | edge_agents.TOO_COMMON)
