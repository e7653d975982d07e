import pytest

from chalicelib.http.caching import body_tag, cache_headers, not_modified, seen_versions, version_tag


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ('"3"', {3}),
        ("3", {3}),
        ('W/"3"', {3}),
        ('"3", "4" ,W/"5"', {3, 4, 5}),
        ("*", set()),
        (' * , "3"', set()),
        ('"abc"', {-1}),
        ('"-3"', {-1}),
        ('"3", "abc"', {3, -1}),
        ('""', {-1}),
        ('"²"', {-1}),
        (f'"{"9" * 6000}"', {-1}),
        ("", {-1}),
        (" , ", {-1}),
    ],
)
def test_if_match(header: str, versions: set[int]) -> None:
    assert seen_versions({"if-match": header}) == versions


def test_no_if_match() -> None:
    assert seen_versions({}) is None
    assert seen_versions({"if-none-match": '"3"'}) is None


@pytest.mark.parametrize(
    ("header", "tag", "known"),
    [
        ('"3"', '"3"', True),
        ('W/"3"', '"3"', True),
        ('"3"', 'W/"3"', True),
        ('"1", W/"3"', '"3"', True),
        ("*", '"3"', True),
        ('"33"', '"3"', False),
        ("3", '"3"', False),
        ("", '"3"', False),
    ],
)
def test_if_none_match(header: str, tag: str, known: bool) -> None:
    assert not_modified({"if-none-match": header}, tag) == known


def test_no_if_none_match() -> None:
    assert not not_modified({}, '"3"')


def test_tags() -> None:
    assert version_tag(3) == '"3"'
    assert body_tag({"a": 1, "b": 2}) == body_tag({"b": 2, "a": 1})
    assert body_tag({"a": 1}) != body_tag({"a": 2})
    assert body_tag({}).startswith('W/"')


def test_who_may_keep_an_answer() -> None:
    assert cache_headers(None)["Cache-Control"].startswith("public")
    assert cache_headers("artist") == {"Cache-Control": "private, no-store"}
