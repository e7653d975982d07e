"""A text with its type, as it is served."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at an address, whole; ``headers`` are those that the text itself calls for."""

    text: str
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
