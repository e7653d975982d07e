"""The artist's choice in all its forms, each read as its own specification says, and not one against another."""

import re
from collections.abc import Callable

import pytest

from chalicelib.domain.noai import (
    CHOICES,
    MINING_USES,
    RESERVATIONS,
    STRICTEST_FIRST,
    DataMining,
    Reservation,
    media_headers,
    strictest,
)

BASE = "https://cara.example"
FORBIDDEN: dict[DataMining, set[str]] = {
    "ai-training": {"training"},
    "all": {"training", "search"},
    "all-but-search": {"training"},
    "allowed": set(),
}
"""What each choice forbids."""

PERMITTED: dict[DataMining, set[str]] = {
    "ai-training": {"search"},
    "all": set(),
    "all-but-search": {"search"},
    "allowed": {"training", "search"},
}

Said = tuple[set[str], set[str]]
"""What a form forbids, and what it permits: of ``training`` and ``search``; it may leave either open."""


def yes_no(pairs: dict[str, str], names: dict[str, str], no: str) -> Said:
    found = {names[name]: value for name, value in pairs.items() if name in names}
    return {use for use, value in found.items() if value == no}, {use for use, value in found.items() if value != no}


def plus(choice: Reservation) -> Said:
    word = choice.plus.removeprefix("http://ns.useplus.org/ldf/vocab/DMI-")
    return {
        "PROHIBITED": ({"training", "search"}, set[str]()),
        "PROHIBITED-EXCEPTSEARCHENGINEINDEXING": ({"training"}, {"search"}),
        "PROHIBITED-AIMLTRAINING": ({"training"}, set[str]()),
        "ALLOWED": (set[str](), {"training", "search"}),
    }[word]


def mining(choice: Reservation) -> Said:
    assert set(choice.mining) == set(MINING_USES)
    assert len(set(choice.mining.values())) == 1
    return yes_no({"ai_training": choice.mining["ai_training"]}, {"ai_training": "training"}, "notAllowed")


def robots(choice: Reservation) -> Said:
    words = set((choice.robots or "").split(", ")) - {""}
    assert words <= {"noai", "noimageai", "noindex"}
    assert ("noai" in words) == ("noimageai" in words)
    forbidden = {use for word, use in (("noai", "training"), ("noindex", "search")) if word in words}
    return forbidden, set()


def tdm_reservation(choice: Reservation) -> Said:
    return ({"training"}, set()) if choice.tdm_reservation == "1" else (set(), {"training"})


def content_usage(choice: Reservation) -> Said:
    assert re.fullmatch(r"train-ai=[yn](, search=[yn])?", choice.content_usage)
    pairs = dict(pair.split("=") for pair in choice.content_usage.split(", "))
    return yes_no(pairs, {"train-ai": "training", "search": "search"}, "n")


def content_signal(choice: Reservation) -> Said:
    assert choice.content_signal["ai-input"] == choice.content_signal["ai-train"]
    return yes_no({**choice.content_signal}, {"ai-train": "training", "search": "search"}, "no")


def sentence(choice: Reservation) -> Said:
    text = choice.sentence
    forbidden = {"training"} if text.startswith("Not for ") else set()
    forbidden |= {"search"} if "neither for indexing by search engines" in text else set()
    permitted = {"search"} if "of any kind but indexing by search engines" in text else set()
    return forbidden, permitted | ({"training"} if "are allowed" in text else set())


FORMS: dict[str, Callable[[Reservation], Said]] = {
    each.__name__: each for each in (plus, mining, robots, tdm_reservation, content_usage, content_signal, sentence)
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("form", FORMS)
def test_no_form_contradicts_the_choice(choice: DataMining, form: str) -> None:
    forbidden, permitted = FORMS[form](RESERVATIONS[choice])
    assert forbidden <= FORBIDDEN[choice]
    assert permitted <= PERMITTED[choice]
    assert ("training" in forbidden) == ("training" in FORBIDDEN[choice])


@pytest.mark.parametrize("choice", CHOICES)
def test_headers_say_what_the_other_forms_say(choice: DataMining) -> None:
    reservation, headers = RESERVATIONS[choice], media_headers(BASE + "/", choice)
    assert headers.get("X-Robots-Tag") == reservation.robots
    assert headers["tdm-reservation"] == reservation.tdm_reservation
    assert headers["Content-Usage"] == reservation.content_usage
    forbids = choice != "allowed"
    assert headers.get("tdm-policy") == (f"{BASE}/policies/tdm.json" if forbids else None)
    assert headers.get("Link") == (
        f'<{BASE}/license.xml>; rel="license"; type="application/rsl+xml"' if forbids else None
    )


def test_robots_header_is_what_scrapers_read() -> None:
    """A colon or capitals on the line, and img2dataset or datadiligence go past it."""
    for choice in CHOICES:
        line = RESERVATIONS[choice].robots
        assert line is None or (line == line.lower() and ":" not in line and line.startswith("noai, noimageai"))


def test_default_headers_are_those_of_the_default_choice() -> None:
    assert media_headers(BASE) == media_headers(BASE, "ai-training")
    assert RESERVATIONS["ai-training"].content_signal == {"search": "yes", "ai-input": "no", "ai-train": "no"}


def test_every_choice_has_its_forms() -> None:
    assert set(RESERVATIONS) == set(CHOICES) == set(STRICTEST_FIRST)
    assert len({each.plus for each in RESERVATIONS.values()}) == len(CHOICES)
    assert len({each.sentence for each in RESERVATIONS.values()}) == len(CHOICES)


def test_strictest() -> None:
    assert strictest(["allowed", "ai-training"]) == "ai-training"
    assert strictest(["all-but-search", "all", "allowed"]) == "all"
    assert strictest(["allowed"]) == "allowed"
    assert strictest([]) == "ai-training"
