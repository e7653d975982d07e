"""Texts that people and programs write into pictures, by what they mean, wherever they stand."""

from dataclasses import dataclass
from typing import Literal

type Role = Literal["software", "source", "description", "credit", "artist", "make", "model", "comment", "text"]
"""``comment`` is where generators put their parameters; ``text`` is what only its name tells."""


@dataclass(frozen=True, slots=True)
class Field:
    """One text.

    Attributes:
        role: what it means.
        name: what the file calls it, such as ``parameters`` or ``UserComment``.
        where: where it stands, for people, such as ``PNG tEXt parameters``.
        value: the text.
    """

    role: Role
    name: str
    where: str
    value: str


_ROLES: dict[str, Role] = {
    "software": "software",
    "source": "source",
    "description": "description",
    "imagedescription": "description",
    "author": "artist",
    "artist": "artist",
    "credit": "credit",
    "comment": "comment",
    "usercomment": "comment",
    "parameters": "comment",
}


def named(name: str, where: str, value: str) -> Field:
    """Return a text with the role that its name tells."""
    return Field(_ROLES.get(name.lower(), "text"), name, where, value.strip("\0 \t\r\n"))
