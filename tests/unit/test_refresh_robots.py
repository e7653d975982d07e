"""The list of crawlers for robots.txt, and the tool that makes it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tools import refresh_robots
from tools.edge_agents import read_agents
from tools.refresh_robots import LIST, ListError, faults, merged, read_source

DAY = date(2026, 11, 1)
AI_ROBOTS_TXT = json.dumps(
    {"NewBot": {"operator": "New"}, "Some Bot 1.0": {"operator": "?"}, "Code": {"operator": "?"}}
)


def listed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(LIST.read_text("utf-8"))
    return found


def test_the_list_has_its_form() -> None:
    assert refresh_robots.main(["--check"]) == 0
    found = listed()
    assert found["licence"] in {"CC0-1.0", "MIT"}
    assert date.fromisoformat(found["date"])
    assert len(found["tokens"]) > 80
    assert {"GPTBot", "CCBot", "Google-Extended", "Applebot-Extended", "img2dataset"} <= set(found["tokens"])


def test_whom_the_edge_blocks_robots_txt_names() -> None:
    tokens = {each.lower() for each in listed()["tokens"]}
    blocked = {each["token"].lower() for each in read_agents() if each["block"] and each["match"] == "word"}
    assert blocked <= tokens
    assert not {each["token"].lower() for each in read_agents() if each["purpose"] in {"search", "preview"}} & tokens


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda tokens: tokens[::-1], "not sorted"),
        (lambda tokens: [tokens[0], *tokens], "stands twice"),
        (lambda tokens: [*tokens, "Zed Bot"], "no token"),
        (lambda tokens: [*tokens, "zed:bot"], "no token"),
        (lambda tokens: sorted([*tokens, "Code"], key=str.lower), "ordinary clients"),
        (lambda tokens: [each for each in tokens if each != "GPTBot"], "agents.json alone"),
    ],
)
def test_a_fault_is_named(change: Any, fault: str) -> None:
    found = listed()
    assert fault in "\n".join(faults(found | {"tokens": change(found["tokens"])}))


def test_another_form_is_refused() -> None:
    assert faults([]) == faults({"tokens": []}) != []
    for text in ("[", "[]", "{}", '{"A": 1}', '{"crawlers": [{}]}'):
        with pytest.raises(ListError):
            read_source(text, DAY)


def test_what_robots_txt_cannot_name_or_must_not_turn_away_is_left_out() -> None:
    source = read_source(AI_ROBOTS_TXT, DAY)
    assert (source.name, source.licence, source.day) == ("ai.robots.txt", "MIT", "2026-11-01")
    tokens, left_out = merged(source, read_agents())
    assert "NewBot" in tokens
    assert set(left_out) == {"Some Bot 1.0", "Code"}


def test_a_name_within_a_welcome_one_is_left_out() -> None:
    source = read_source(json.dumps({"Google": {"operator": "?"}, "bing": {"operator": "?"}}), DAY)
    assert set(merged(source, read_agents())[1]) == {"Google", "bing"}


def test_a_file_refreshes_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, file = tmp_path / "crawlers.json", tmp_path / "robots.json"
    made.write_text(json.dumps(listed() | {"tokens": ["GoneBot", "GPTBot"]}), "utf-8")
    file.write_text(AI_ROBOTS_TXT, "utf-8")
    monkeypatch.setattr(refresh_robots, "LIST", made)
    assert refresh_robots.main([str(file)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert {"+ NewBot", "- GoneBot", "  Code: a word of ordinary clients"} <= set(printed)
    assert "+ GPTBot" not in printed
    assert refresh_robots.main(["--check"]) == 0


def test_the_pinned_package_makes_this_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh_robots, "LIST", tmp_path / "crawlers.json")
    assert refresh_robots.main([]) == 0
    assert (tmp_path / "crawlers.json").read_text("utf-8") == LIST.read_text("utf-8")
