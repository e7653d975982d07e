"""Changes of what is stored, as the tables' streams tell them: at least once, one item's in their order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change[Item]:
    """One change of one item.

    Attributes:
        event_id: names the change; the same change told twice has the same.
        old: the item before, None where it was new.
        new: the item after, None where it was removed.
    """

    event_id: str
    old: Item | None
    new: Item | None
