"""Slugs, domains, and names that people would take for one another."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import InvalidError
from chalicelib.domain.studios import Studio, StudioFields, Verification, look, new_domain, new_slug


@pytest.mark.parametrize("text", ["Blue", "blue-sky", "3d-works", "a" * 40, " blue "])
def test_slugs(text: str) -> None:
    assert new_slug(text) == text.strip().lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab",
        "a" * 41,
        "-blue",
        "blue-",
        "blue--sky",
        "blue_sky",
        "blue sky",
        "123",
        "blüe",
        "blu\u0435",
        "blue/x",
        "blue\n.",
    ],
)
def test_no_slugs(text: str) -> None:
    with pytest.raises(InvalidError) as error:
        new_slug(text)
    assert error.value.errors[0].field == "slug"


@pytest.mark.parametrize("text", ["admin", "api", "Jobs", "cara", "c-a-r-a", "support", "verified", "sup-port"])
def test_reserved_slugs(text: str) -> None:
    with pytest.raises(InvalidError, match="reserved"):
        new_slug(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Blue Sky", "blue-sky"),
        ("blue.example", "BLUE EXAMPLE"),
        ("Studio Été", "studio ete"),
        ("b1ue", "blue"),
        ("blu3 5ky", "blue sky"),
        ("B\u043bue", "B\u043bue"),
        ("\u0430\u0440\u0440\u04cf\u0435", "apple"),  # all of it Cyrillic
        ("ｂｌｕｅ", "blue"),  # noqa: RUF001  full width on purpose
    ],
)
def test_names_that_look_the_same(one: str, other: str) -> None:
    assert look(one) == look(other)


@pytest.mark.parametrize(("one", "other"), [("blue", "blues"), ("red", "blue"), ("blue sky", "blue ski")])
def test_names_that_do_not(one: str, other: str) -> None:
    assert look(one) != look(other)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("studio.example", "studio.example"),
        ("www.Studio.Example.", "studio.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_domains(text: str, domain: str) -> None:
    assert new_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "localhost",
            "studio",
            "192.168.0.1",
            "a..b",
            "-a.example",
            "a.example/x",
            "a@b.example",
            "bücher.example",
        ),
        *("bücher.example", "gmail.com", "blue.wordpress.com", "GMAIL.com."),
    ],
)
def test_no_domains(text: str) -> None:
    with pytest.raises(InvalidError) as error:
        new_domain(text)
    assert error.value.errors[0].field == "domain"


def test_who_is_trusted() -> None:
    proof = Verification("dns", "blue.example", "token", "verified", "")
    studio = Studio("blue", StudioFields("Blue"), "", "", verification=proof, approved_jobs=3)
    assert studio.trusted
    assert studio.marks == {"blue", "blueexample"}
    assert not replace(studio, approved_jobs=2).trusted
    assert not replace(studio, held=True).trusted
    assert not replace(studio, verification=None).trusted
