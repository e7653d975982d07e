"""Markdown from people who mean no good."""

from html.parser import HTMLParser

import pytest

from chalicelib.pages.markdown import html_of


class Reader(HTMLParser):
    """Notes what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(html_of(text))
    return reader


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](//evil.example/a)",
        "[x](/v1/me)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "![x](https://tracker.example/pixel.gif)",
        "<svg/onload=alert(1)>",
        '<a href="https://x.example" onclick="alert(1)">x</a>',
        "<iframe src=https://evil.example></iframe>",
        "<style>*{display:none}</style>",
        "`<script>`",
        "```\n</code><script>alert(1)</script>\n```",
        '[x](https://x.example/"onmouseover="alert(1))',
        "[x](https://x.example 'onmouseover=alert(1)')",
        "<!-- --><script>x</script><!--",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "# <img src=x>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(text: str) -> None:
    seen = read(text)
    assert seen.tags <= {"p", "a", "code", "pre", "h3", "h4", "em", "strong"}
    for name, value in seen.attributes:
        assert name in {"href", "rel"}
        assert name == "rel" or str(value).startswith(("https://", "mailto:"))


def test_what_is_written_is_shown() -> None:
    made = html_of("# About\n\nWe *paint* **skies**.\n\n- oil\n- ink\n\n[Site](https://blue.example/a?b=1&c=2)")
    assert "<h3>About</h3>" in made
    assert "<em>paint</em> <strong>skies</strong>" in made
    assert made.count("<li>") == 2
    assert 'href="https://blue.example/a?b=1&amp;c=2" rel="nofollow ugc noopener noreferrer"' in made
    assert html_of("3 < 4 & 5 > 2") == "<p>3 &lt; 4 &amp; 5 &gt; 2</p>"


@pytest.mark.parametrize("text", ["[" * 5000, "*a " * 3000, "> " * 3000 + "x", "`" * 5000, "- " * 3000 + "x"])
def test_deep_texts_come_to_an_end(text: str) -> None:
    assert len(html_of(text[:10_000])) < 200_000
