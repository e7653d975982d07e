"""What the operators chose for pictures that declare AI in part."""

from chalicelib.domain.screening import Verdict

_HOLDABLE: tuple[Verdict, ...] = ("edited", "hint")


def held_verdicts(text: str) -> frozenset[Verdict]:
    """Return the verdicts that wait for a moderator, as a setting names them, with a comma between them.

    Raises:
        ValueError: it names something else.
    """
    named = {word.strip() for word in text.split(",")} - {""}
    unknown = named.difference(_HOLDABLE)
    if unknown:
        raise ValueError(f"CARA_SCREENING_HOLD: {', '.join(sorted(unknown))} cannot be held")
    return frozenset(verdict for verdict in _HOLDABLE if verdict in named)
