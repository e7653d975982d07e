"""People as lists name them: small, because each list keeps its own copy."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.noai import DEFAULT, DataMining


@dataclass(frozen=True, slots=True)
class Portrait:
    """The small file of an avatar; what its artist chose decides where it stands."""

    media_id: str
    name: str
    width: int
    height: int
    format: str
    data_mining: DataMining = DEFAULT


@dataclass(frozen=True, slots=True)
class Person:
    """An account as others' lists name it.

    Attributes:
        account_id: never shown to others.
        handle, display_name: of its profile, as they were when the list was written or last refreshed.
        portrait: None without an avatar.
        version: of the profile that this was made of, so that an older copy never replaces a newer one.
    """

    account_id: str
    handle: str
    display_name: str
    portrait: Portrait | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """An account as it is found.

    Attributes:
        person: as lists name it.
        names: the words by whose beginnings it is found.
        mediums, software: slugs of its profile.
    """

    person: Person
    names: tuple[str, ...]
    mediums: tuple[str, ...] = ()
    software: tuple[str, ...] = ()

    def first_name(self, beginning: str) -> str:
        """Return the first of the names that begin so, in their order as texts; '' for none."""
        return min((name for name in self.names if name.startswith(beginning)), default="")

    def bears(self, beginnings: Iterable[str]) -> bool:
        """Tell whether each of some words begins one of the names."""
        return all(any(name.startswith(each) for name in self.names) for each in beginnings)
