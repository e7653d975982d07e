"""People as lists name them: small, because each list keeps its own copy."""

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
