"""A text with its type, as it is served."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at an address, whole."""

    text: str
    content_type: str
