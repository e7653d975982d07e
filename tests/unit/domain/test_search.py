"""What posts are found by."""

import pytest

from chalicelib.domain.cards import CardAuthor
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.posts import PostFields, PostMedia
from chalicelib.domain.search import MARK_BYTES, MOST_WORDS, asked, holds, mark, marks, post_terms, words

ADA = CardAuthor("account", "ada_l", "Ada Lovelace")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Dragon of the Lake", ["dragon", "lake"]),
        ("Café ÉTUDE Ångström naïve", ["cafe", "etude", "angstrom", "naive"]),
        ("dragons, cities; a glass bus", ["dragon", "city", "glass", "bus"]),
        ("сёстры ΆΛΦΑ straße", ["сестры", "αλφα", "strasse"]),
        ("\uff26\uff35\uff2c\uff2c \uff57idth", ["full", "width"]),
        ("東京の空 猫", ["東京", "京の", "の空", "猫"]),
        ("한국어 그림", ["한국어", "그림"]),
        ("हिन्दी चित्र", ["हिन्दी", "चित्र"]),
        ("re-use_it 4K", ["re", "use", "4k"]),
        ("…!? -- 🙂", []),
        ("x" * 60, ["x" * 40]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert list(words(text)) == found
    assert list(words(" ".join(found))) == found or any(each in "東京の空" for each in found)


def test_a_post_is_found_by_what_it_says_and_by_whom() -> None:
    fields = PostFields(
        title="Old dragons",
        text="painted at night",
        tags=("original-character",),
        mediums=("oil-painting",),
        software=("krita",),
        categories=("fantasy",),
        media=(PostMedia("m", "A lake"),),
    )
    terms = set(post_terms(fields, ADA))
    assert {"tag:original-character", "medium:oil-painting", "software:krita", "category:fantasy", "by:ada_l"} <= terms
    said = "old dragon original character ada l lovelace oil painting fantasy krita lake painted night".split()
    assert {each for each in terms if each.startswith("word:")} == {f"word:{each}" for each in said}


def test_a_long_text_brings_no_more_words_than_are_listed() -> None:
    fields = PostFields(title="first", text=" ".join(f"word{number}x" for number in range(900)))
    found = [each for each in post_terms(fields, ADA) if each.startswith("word:")]
    assert (len(found), found[0]) == (MOST_WORDS, "word:first")


def test_what_is_asked() -> None:
    assert asked("Dragons #C++ @Ada_L the lake") == ("word:dragon", "tag:cplusplus", "by:ada_l", "word:lake")
    named = asked("", tag="#Fan Art", medium="Oil Painting", software="Krita", category="sci-fi")
    assert named == ("tag:fan-art", "medium:oil-painting", "software:krita", "category:sci-fi")
    assert asked("dragon Dragons DRAGON") == ("word:dragon",)


@pytest.mark.parametrize(
    ("text", "named", "field"),
    [("", {}, "q"), ("the of", {}, "q"), ("a1 b2 c3 d4 e5 f6 g7 h8 i9", {}, "q"), ("x", {"tag": "!?"}, "tag")],
)
def test_what_cannot_be_asked(text: str, named: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        asked(text, **named)
    assert [each.field for each in refused.value.errors] == [field]


def test_marks_tell_whether_terms_are_there() -> None:
    terms = [f"tag:{number}" for number in range(60)]
    marked = marks(terms)
    assert len(marked) == 60 * MARK_BYTES
    assert holds(marked, [mark("tag:1"), mark("tag:59")])
    assert not holds(marked, [mark("tag:1"), mark("tag:60")])
    assert holds(marked, [])
    assert holds(b"", [])
