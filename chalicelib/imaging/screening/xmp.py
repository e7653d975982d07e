"""Declarations in XMP (ISO 16684-1): read by a parser with bounds, and searched where it is no well-formed XML.

A property may be an attribute, an element with a text, with ``rdf:resource``, or with an array of texts; all forms give
the same. No entity, document type or outside reference is ever looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import DefusedXMLParser

from chalicelib.domain.screening import Finding, Verdict, finding
from chalicelib.imaging.screening import gb45438
from chalicelib.imaging.screening.fields import Field, Role
from chalicelib.imaging.screening.meter import Meter
from chalicelib.imaging.screening.source_types import verdict_of

_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SOURCE_TYPES = frozenset({"DigitalSourceType", "DigitalSourcefileType", "DigitalSourceFileType"})
_AI_PROPERTIES = frozenset({"AISystemUsed", "AISystemVersionUsed", "AIPromptInformation", "AIPromptWriterName"})
_FIELDS: dict[str, Role] = {
    "{http://ns.adobe.com/photoshop/1.0/}Credit": "credit",
    "{http://ns.adobe.com/xap/1.0/}CreatorTool": "software",
    "{http://ns.adobe.com/tiff/1.0/}Software": "software",
    "{http://ns.adobe.com/tiff/1.0/}ImageDescription": "description",
    "{http://ns.adobe.com/tiff/1.0/}Artist": "artist",
    "{http://ns.adobe.com/tiff/1.0/}Make": "make",
    "{http://ns.adobe.com/tiff/1.0/}Model": "model",
    "{http://ns.adobe.com/exif/1.0/}UserComment": "comment",
    "{http://purl.org/dc/elements/1.1/}description": "description",
    "{http://purl.org/dc/elements/1.1/}creator": "artist",
}

MAX_PACKET = 4 * 2**20
MAX_DEPTH = 100
MAX_VALUE = 256 * 1024
MAX_PROPERTIES = 500
_PIECE = 64 * 1024

# What may stand between a property's name and its value in both forms, and no more: the search goes on from each name
# for some bytes, and so is linear.
_NAMED = b"DigitalSource"
_FORM = re.compile(
    rb"DigitalSource(?:[Ff]ile)?Type\s{0,9}(?:=\s{0,9}[\"']|\s{1,9}rdf:resource=[\"']|>)\s{0,99}([\w:/.\-]{5,120})"
)


@dataclass(slots=True)
class Packet:
    """What a packet declares, and the texts in it that are still to be looked at."""

    findings: list[Finding] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)


def read_xmp(data: bytes, where: str, meter: Meter) -> Packet:
    """Read a packet; of one that is too large or not well-formed, what stands before that, and what a search finds."""
    text = meter.take(data, MAX_PACKET)
    reader = _Reader(meter)
    sound = _feed(text, reader)
    properties = list(dict.fromkeys(reader.properties))
    if not sound:
        properties.extend(each for each in _searched(text) if each not in properties)
    packet = Packet()
    packet.findings.extend(_declared(properties, where))
    for name, value in properties:
        if name in _FIELDS:
            local = name.rpartition("}")[2]
            packet.fields.append(Field(_FIELDS[name], local, f"{where} {local}", value))
    return packet


class _EnoughError(Exception):
    """A bound was reached."""


class _Reader:
    """Collects the properties that matter as ``{namespace}name`` and text, while the parser goes through a packet."""

    def __init__(self, meter: Meter) -> None:
        self.properties: list[tuple[str, str]] = []
        self._meter = meter
        self._depth = 0
        self._name, self._since, self._parts, self._size = "", 0, list[str](), 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH or not self._meter.element():
            raise _EnoughError
        if not self._name and _matters(tag):
            self._name, self._since, self._parts, self._size = tag, self._depth, [], 0
        for name, value in attributes.items():
            if _matters(name):
                self._note(name, value)
            elif self._name and name in {f"{{{_RDF}}}resource", f"{{{_RDF}}}value"}:
                self.data(value)

    def data(self, text: str) -> None:
        if self._name and self._size < MAX_VALUE:
            self._parts.append(text)
            self._size += len(text)

    def end(self, _tag: str) -> None:
        if self._name and self._depth == self._since:
            self._note(self._name, "".join(self._parts))
            self._name = ""
        self._depth -= 1

    def close(self) -> None:
        """Be a target of the parser."""

    def _note(self, name: str, value: str) -> None:
        if len(self.properties) >= MAX_PROPERTIES:
            raise _EnoughError
        if value.strip():
            self.properties.append((name, value.strip()[:MAX_VALUE]))


def _matters(name: str) -> bool:
    local = name.rpartition("}")[2]
    return local in _SOURCE_TYPES or name in _FIELDS or _is_ai_property(name) or name == gb45438.PROPERTY


def _is_ai_property(name: str) -> bool:
    return name.startswith(f"{{{_IPTC}}}") and name.rpartition("}")[2] in _AI_PROPERTIES


def _feed(text: bytes, reader: _Reader) -> bool:
    """Have a packet parsed and tell whether it was well-formed to its end."""
    start = text.find(b"<")
    # what stands behind the end of the root is padding, or the lengths of GIF's blocks
    end = max(text.rfind(b"</x:xmpmeta>") + 12, text.rfind(b"<?xpacket end="), 0) if start >= 0 else 0
    body = text[start : end if end > 12 else len(text)].rstrip(b"\0 \t\r\n")
    parser = DefusedXMLParser(target=reader, forbid_dtd=True)
    try:
        for at in range(0, len(body), _PIECE):
            parser.feed(body[at : at + _PIECE])
        parser.close()
    except (ParseError, _EnoughError, ValueError, LookupError):
        return False
    return True


def _searched(text: bytes) -> Iterator[tuple[str, str]]:
    """Yield the source types of a packet that is no well-formed XML, found by their names."""
    at = text.find(_NAMED)
    for _ in range(MAX_PROPERTIES):
        if at < 0:
            return
        if match := _FORM.match(text, at):
            yield f"{{{_IPTC}}}DigitalSourceType", match[1].decode()
        at = text.find(_NAMED, at + 1)


def _declared(properties: list[tuple[str, str]], where: str) -> Iterator[Finding]:
    source_verdict: Verdict | None = None
    for name, value in properties:
        local = name.rpartition("}")[2]
        if local in _SOURCE_TYPES and (verdict := verdict_of(value)):
            source_verdict = verdict if source_verdict in {None, "none"} else source_verdict
            if verdict != "none":
                yield finding(verdict, "iptc:DigitalSourceType", where, value)
        elif name == gb45438.PROPERTY:
            yield from gb45438.label(value, f"{where} TC260:AIGC")
    for name, value in properties:
        if _is_ai_property(name):
            local = name.rpartition("}")[2]
            yield finding(_of_ai_property(source_verdict), f"iptc:{local}", f"{where} {local}", value)


def _of_ai_property(source_verdict: Verdict | None) -> Verdict:
    """Return what the use of an AI system means beside the source type of the same packet.

    The properties name the system that made the picture (IPTC 2025.1). Where the source type says that parts were
    made so they mean no more; where it says that nothing was, the two contradict each other.
    """
    match source_verdict:
        case None | "generated":
            return "generated"
        case "edited":
            return "edited"
        case _:
            return "hint"
