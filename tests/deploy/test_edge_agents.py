"""The store of crawlers that the CDN's function reads, and the list it is made from."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.edge_clients import IMG2DATASET
from tests.deploy.edge_run import BASE_URL, pairs
from tools import edge_agents


def test_the_store_holds_the_blocked_crawlers_and_nothing_else() -> None:
    expected = {
        {"word": "agent:", "exact": "exact:"}[each["match"]] + each["token"].lower(): each["purpose"]
        for each in json.loads(edge_agents.AGENTS.read_text(encoding="utf-8"))
        if each["block"]
    }
    assert pairs() == {**expected, "config:base-url": BASE_URL}
    assert f"exact:{IMG2DATASET.lower()}" in expected


def test_the_store_has_the_form_and_the_size_that_cloudfront_imports(capsys: pytest.CaptureFixture[str]) -> None:
    assert edge_agents.main(["--base-url", f"{BASE_URL}/"]) == 0
    printed = capsys.readouterr().out
    imported = json.loads(printed)
    assert list(imported) == ["data"]
    assert {each["key"]: each["value"] for each in imported["data"]} == pairs()
    assert all(list(each) == ["key", "value"] for each in imported["data"])
    assert all(len(each["key"].encode()) <= 512 and len(each["value"].encode()) <= 1024 for each in imported["data"])
    assert len(printed.encode()) <= 5 * 1024 * 1024


def test_the_list_has_its_form() -> None:
    assert edge_agents.main(["--check"]) == 0


GOOD = {
    "token": "SomeBot", "match": "word", "operator": "Some", "purpose": "training", "does": "Trains.", "block": True,
    "source": "https://some.example",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"token": "Code"}, "ordinary clients"),
        ({"token": "Spider"}, "ordinary clients"),
        ({"token": "Operator"}, "ordinary clients"),
        ({"token": "facebookexternalhit"}, "ordinary clients"),
        ({"token": "Kangaroo Bot"}, "no single word"),
        ({"token": "x" * 65}, "no single word"),
        ({"match": "prefix"}, "word or exact"),
        ({"purpose": "fun"}, "purpose must be"),
        ({"purpose": "search"}, "what is blocked"),
        ({"block": False}, "what is blocked"),
        ({"block": "yes"}, "must have"),
        ({"note": "x"}, "must have"),
        ({"source": "hearsay"}, "https address"),
        ({"does": " "}, "what it does"),
    ],
)
def test_a_fault_in_the_list_is_named(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    file = tmp_path / "agents.json"
    file.write_text(json.dumps([GOOD | change]), encoding="utf-8")
    with pytest.raises(edge_agents.EdgeError, match=fault):
        edge_agents.read_agents(file)


@pytest.mark.parametrize(
    ("text", "fault"), [("[", "not JSON"), ("{}", "not a list"), (json.dumps([GOOD, GOOD]), "stands twice")]
)
def test_a_broken_list_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "agents.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(edge_agents.EdgeError, match=fault):
        edge_agents.read_agents(file)


def test_what_the_store_cannot_hold_is_refused() -> None:
    with pytest.raises(edge_agents.EdgeError, match="too long"):
        edge_agents.store([GOOD | {"match": "exact", "token": "x" * 510}], BASE_URL)
