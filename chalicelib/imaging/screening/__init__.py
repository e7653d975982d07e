"""What a picture declares about AI, read from the bytes as they were uploaded, before anything is stripped.

Containers are walked by ``chalicelib.imaging.containers``; what is found is read within the limits of a
:class:`~chalicelib.imaging.screening.meter.Meter`, so that time is linear and bounded whatever a file holds. Readers of
XMP and C2PA are imported only where a file carries any.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.domain.protection import PictureRejectedError
from chalicelib.domain.screening import Finding, Screening, conclude
from chalicelib.imaging.screening.carriers import carriers
from chalicelib.imaging.screening.generators import recognise
from chalicelib.imaging.screening.meter import Meter

if TYPE_CHECKING:
    from chalicelib.imaging.screening.fields import Field

__all__ = ["screen"]

MAX_FINDINGS = 1000
"""Findings that are gathered before the strongest are chosen: pictures have a handful."""


def screen(data: bytes, *, pixels: bool = False, meter: Meter | None = None) -> Screening:
    """Tell what an upload declares about AI. Nothing found claims nothing; a damaged file tells what it still can.

    Args:
        data: the upload, whatever its name or declared type; within the limits that ``containers.examine`` checks.
        pixels: whether to look for NovelAI's mark in the transparency and for watermarks in the colours as well, which
            decodes the picture.
        meter: counts what is read; a new one unless a test wants to look at it.
    """
    findings: list[Finding] = []
    for found in _findings(data, meter or Meter(), pixels=pixels):
        findings.append(found)
        if len(findings) >= MAX_FINDINGS:
            break
    return conclude(findings)


def _findings(data: bytes, meter: Meter, *, pixels: bool) -> Iterator[Finding]:
    fields: list[Field] = []
    try:
        for carrier in carriers(data, meter):
            if carrier.kind == "xmp":
                from chalicelib.imaging.screening.xmp import read_xmp

                found = read_xmp(carrier.data, carrier.where, meter)
                yield from found.findings
                fields.extend(found.fields)
            elif carrier.kind == "c2pa":
                from chalicelib.imaging.screening.c2pa import read_store

                yield from read_store(carrier.data, carrier.where, meter)
            else:
                fields.extend(carrier.fields)
    except (PictureRejectedError, IndexError):
        pass  # the container ends here; what stood before it was found
    yield from recognise(fields)
    if pixels:
        from chalicelib.imaging.screening.dwtdct import find_watermark
        from chalicelib.imaging.screening.stealth import find_mark

        yield from find_mark(data)
        yield from find_watermark(data)
