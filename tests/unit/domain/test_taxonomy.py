import pytest

from chalicelib.domain.taxonomy import CATEGORIES, MEDIUMS, SOFTWARE, slug, slugs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oil Painting", "oil-painting"),
        ("  oil   painting ", "oil-painting"),
        ("C++", "c"),
        ("#fan-art!", "fan-art"),
        ("sci/fi & more", "sci-fi-more"),
        ("日本画", "日本画"),
        ("Éclair", "éclair"),
        ("snake_case", "snake_case"),
        ("_x_", "x"),
        ("!?", ""),
        ("", ""),
    ],
)
def test_slug(text: str, expected: str) -> None:
    assert slug(text) == expected
    assert slug(expected) == expected


def test_slugs_keep_order_and_drop_repetition_and_nothings() -> None:
    assert slugs(["Ink", "oil", "INK", "!", "Oil ", "zine"]) == ("ink", "oil", "zine")


@pytest.mark.parametrize("words", [MEDIUMS, CATEGORIES, SOFTWARE])
def test_taxonomies_are_slugs_in_their_own_right(words: tuple[str, ...]) -> None:
    assert slugs(words) == words
