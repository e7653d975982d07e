import pytest

from chalicelib.services.screening import held_verdicts
from tools.localcloud.environment import default_variables


@pytest.mark.parametrize(
    ("text", "held"),
    [("", set()), (" ", set()), ("edited", {"edited"}), ("hint, edited", {"edited", "hint"}), ("hint,,", {"hint"})],
)
def test_what_waits_for_a_moderator(text: str, held: set[str]) -> None:
    assert held_verdicts(text) == held


@pytest.mark.parametrize("text", ["generated", "none", "edited hint", "Edited"])
def test_what_cannot_wait_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f"CARA_SCREENING_HOLD: {text} cannot be held"):
        held_verdicts(text)


def test_default_is_a_label() -> None:
    assert held_verdicts(default_variables()["CARA_SCREENING_HOLD"]) == frozenset()
