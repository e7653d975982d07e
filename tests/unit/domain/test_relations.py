"""What an account is not to see."""

import pytest

from chalicelib.domain.relations import NO_BOUNDS, Bounds


def test_a_stranger_is_kept_from_nothing() -> None:
    assert not NO_BOUNDS.hides("ann", tags=("oil",), text="An old barn")


@pytest.mark.parametrize("bounds", [Bounds(blocked=frozenset({"ann"})), Bounds(blocked_by=frozenset({"ann"}))])
def test_a_block_parts_both(bounds: Bounds) -> None:
    assert bounds.parted_from("ann")
    assert bounds.hides("ann")
    assert not bounds.hides("bob")


def test_who_is_muted_is_left_out_of_lists_but_not_parted_from() -> None:
    bounds = Bounds(muted=frozenset({"ann"}))
    assert bounds.hides("ann")
    assert not bounds.parted_from("ann")


@pytest.mark.parametrize(
    ("tags", "text", "hidden"), [(("spider",), "", True), ((), "My SPIDERS", True), ((), "", False)]
)
def test_tags_and_words_are_muted(tags: tuple[str, ...], text: str, hidden: bool) -> None:
    bounds = Bounds(muted_tags=frozenset({"spider"}), muted_words=frozenset({"spiders"}))
    assert bounds.hides("ann", tags=tags, text=text) is hidden
