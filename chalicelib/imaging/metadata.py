"""The XMP packet that every rendition carries: whose work it is, and what machines may do with it.

Forms: IPTC Photo Metadata Standard (``plus:DataMining``, PLUS vocabulary), XMP part 2 (``dc``, ``xmpRights``).
"""

import re
from xml.sax.saxutils import escape

from chalicelib.domain.noai import RESERVATIONS
from chalicelib.domain.protection import ProtectionOptions

MAX_FIELD = 2000
"""Characters of a name or address: with five of them a packet stays below the 65,500 bytes that a JPEG can hold."""

# What XML 1.0 allows is tab, line breaks, and these planes without surrogates (section 2.2).
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/">
{properties}
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def xmp_packet(options: ProtectionOptions) -> bytes:
    """Return the packet as UTF-8. Characters that XML forbids are left out; longer fields than MAX_FIELD are cut.

    What the artist says of the use by people stands beside what they chose for machines, and never in its place.
    """
    creator, credit, statement = _text(options.creator), _text(options.credit), _text(options.web_statement)
    rights = _text(options.rights) or (
        f"© {creator}. All rights reserved." if creator else "All rights reserved by the artist."
    )
    reservation = RESERVATIONS[options.data_mining]
    terms = f"{_text(options.usage_terms)} {reservation.sentence}".strip()
    properties = [
        f"<plus:DataMining>{reservation.plus}</plus:DataMining>",
        f"<dc:rights>{_alternatives(rights)}</dc:rights>",
        "<xmpRights:Marked>True</xmpRights:Marked>",
        f"<xmpRights:UsageTerms>{_alternatives(terms)}</xmpRights:UsageTerms>",
    ]
    if creator:
        properties.append(f"<dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>")
    if credit or creator:
        properties.append(f"<photoshop:Credit>{credit or creator}</photoshop:Credit>")
    if statement:
        properties.append(f"<xmpRights:WebStatement>{statement}</xmpRights:WebStatement>")
    return _PACKET.format(properties="\n".join(properties)).encode()


def signals(options: ProtectionOptions) -> tuple[str, ...]:
    """Return the names of the opt-out signals that ``xmp_packet`` writes for the same options."""
    always = ("xmp:plus:DataMining", "xmp:dc:rights", "xmp:xmpRights:Marked", "xmp:xmpRights:UsageTerms")
    return (*always, "xmp:xmpRights:WebStatement") if _text(options.web_statement) else always


def _text(value: str | None) -> str:
    return escape(_FORBIDDEN.sub("", value or "").strip()[:MAX_FIELD])


def _alternatives(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt>'
