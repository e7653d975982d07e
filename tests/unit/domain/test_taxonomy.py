import pytest

from chalicelib.domain.taxonomy import CATEGORIES, MEDIUMS, SOFTWARE, slug, slugs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oil Painting", "oil-painting"),
        ("  oil   painting ", "oil-painting"),
        ("C++", "cplusplus"),
        ("C#", "csharp"),
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


def test_slugs_keep_order_and_drop_repetition() -> None:
    assert slugs(["Ink", "oil", "INK", "Oil ", "zine"]) == ("ink", "oil", "zine")


@pytest.mark.parametrize("nothing", ["", "!", " - "])
def test_words_of_which_nothing_is_left(nothing: str) -> None:
    with pytest.raises(ValueError, match="letter"):
        slugs(["ink", nothing])


@pytest.mark.parametrize("words", [MEDIUMS, CATEGORIES, SOFTWARE])
def test_taxonomies_are_slugs_in_their_own_right(words: tuple[str, ...]) -> None:
    assert slugs(words) == words
