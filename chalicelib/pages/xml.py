"""Texts of people in XML."""

import re

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return a text without what XML 1.0 has no way to say (2.2, https://www.w3.org/TR/xml/#charsets)."""
    return _NO_XML.sub("\ufffd", text)
