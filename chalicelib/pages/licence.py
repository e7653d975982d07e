"""``/license.xml``: what may be done with what is published here, in RSL 1.0 (https://rslstandard.org/rsl)."""

from xml.sax.saxutils import quoteattr

from chalicelib.domain.noai import DEFAULT, PREFIXES, RESERVATIONS, Reservation
from chalicelib.pages.document import Document


def license_xml(contact: str) -> Document:
    """Return the file: paths of the origin as robots.txt understands them, so that the longest that fits counts.

    `contact` is a ``mailto:`` or ``https:`` address.
    """
    paths = [("/", DEFAULT), *((f"/{prefix}/", choice) for prefix, choice in PREFIXES.items() if choice != DEFAULT)]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rsl xmlns="https://rslstandard.org/rsl">',
        *(line for path, choice in paths for line in _content(path, RESERVATIONS[choice], contact)),
        "</rsl>",
    ]
    return Document("\n".join(lines) + "\n", "application/rsl+xml; charset=utf-8")


def _content(url: str, said: Reservation, contact: str) -> list[str]:
    mail = contact.removeprefix("mailto:")
    reach = f"contactEmail={quoteattr(mail)}" if mail != contact else f"contactUrl={quoteattr(contact)}"
    return [
        f"  <content url={quoteattr(url)}>",
        "    <license>",
        *(f'      <{verdict} type="usage">{use}</{verdict}>' for verdict, use in said.rsl.items()),
        "    </license>",
        f'    <copyright type="person" {reach}>The artist who published it</copyright>',
        "  </content>",
    ]
