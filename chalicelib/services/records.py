"""The protection record: what was done to protect a picture, in the form that is signed once and never changes."""

from dataclasses import asdict
from typing import Any

from chalicelib.domain.media import Media, Picture
from chalicelib.domain.noai import RESERVATIONS
from chalicelib.domain.protection import CLOAK_LIMITS, CloakReport, RenditionFormat
from chalicelib.domain.screening import NOTHING

KIND = "protection-record"
"""``typ`` of the signature."""

VERSION = 1
"""Grows when what a field means changes."""


def record(media: Media, picture: Picture, issuer: str) -> dict[str, Any]:
    """Return what is signed about a picture.

    Args:
        media: whose picture it is.
        picture: as it will be stored.
        issuer: the origin whose keys sign, such as ``https://cara.example``.
    """
    reservation = RESERVATIONS[picture.data_mining]
    return {
        "record": VERSION,
        "iss": issuer,
        "media_id": media.media_id,
        "protected_at": picture.protected_at,
        "data_mining": picture.data_mining,
        "statement": reservation.sentence,
        "signals": signals_by_format(picture),
        "headers": sorted(reservation.headers(issuer)),
        "provenance": asdict(picture.provenance),
        "ai_disclosure": media.request.ai_disclosure,
        "screening": _screening(media, picture),
        "cloak": _cloak(picture.cloak),
        "display_size": picture.display_size,
        "watermark": asdict(picture.watermark) if picture.watermark else None,
        "original_sha256": picture.original_sha256,
        "perceptual_hash": picture.perceptual_hash,
        "renditions": [
            {
                "format": each.format,
                "width": each.width,
                "height": each.height,
                "animated": each.animated,
                "bytes": each.bytes,
                "sha256": each.sha256,
            }
            for each in picture.renditions
        ],
    }


def _screening(media: Media, picture: Picture) -> dict[str, Any]:
    """Return what the upload declares about AI, by verdict and signals; nothing where a moderator decided otherwise."""
    found = NOTHING if media.cleared else picture.screening
    return {"verdict": found.verdict, "signals": sorted({each.signal for each in found.evidence})}


def signals_by_format(picture: Picture) -> dict[RenditionFormat, list[str]]:
    """Return the opt-out signals that stand in the files, by format: each file of a picture has all of them."""
    return {name: list(picture.signals) for name in sorted({each.format for each in picture.renditions})}


def _cloak(report: CloakReport) -> dict[str, Any]:
    """Return what the cloak did, to three digits, with what the numbers do not say."""

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 3)

    return {
        "level": report.level,
        "applied": report.applied,
        "psnr_db": rounded(report.psnr_db),
        "ssim": rounded(report.ssim),
        "color_difference": rounded(report.color_difference),
        "floor": report.floor,
        "floor_reached": report.floor_reached,
        "encoders": {
            each.encoder: {
                "none": rounded(each.served),
                "jpeg75": rounded(each.jpeg75),
                "jpeg75_half": rounded(each.jpeg75_half),
            }
            for each in report.encoders
        },
        "limits": list(CLOAK_LIMITS) if report.applied else [],
    }
