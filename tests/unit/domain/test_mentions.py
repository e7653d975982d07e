import pytest

from chalicelib.domain.errors import InvalidError
from chalicelib.domain.mentions import MAX_MENTIONS, Mention, handles_in, mentions, wanted_handles


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@ada and @Bob_2, @ada again", ("ada", "bob_2")),
        ("(@ada) @bob! @cay.", ("ada", "bob", "cay")),
        ("mail ada@example.test or see https://x.test/@ada", ()),
        ("@ab is too short, so is @", ()),
        (f"@{'a' * 31}", ()),
        ("@@ada @ada@example.test", ()),
        ("läuft@ada", ()),
    ],
)
def test_handles_in_a_text(text: str, handles: tuple[str, ...]) -> None:
    assert handles_in(text) == handles


def test_whoever_has_no_such_handle_is_not_named() -> None:
    assert mentions(("ada", "bob"), {"ada": "1"}) == (Mention("ada"),)


def test_too_many() -> None:
    names = [f"@somebody{number}" for number in range(MAX_MENTIONS + 1)]
    assert len(wanted_handles("text", " ".join(names[:-1] * 2))) == MAX_MENTIONS
    with pytest.raises(InvalidError):
        wanted_handles("text", " ".join(names))
