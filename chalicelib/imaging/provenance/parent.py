"""The manifest that an upload brings along, from a camera or an editor: kept as an ingredient's where it is valid.

Its pictures go: thumbnails show the un-cloaked original. So does all else that is no provenance, since manifests can
hold places, serial numbers and names as EXIF does. C2PA has redaction for that (2.2, section 6.8), which the signatures
of those manifests survive.
"""

from dataclasses import dataclass
from io import BytesIO

from chalicelib.domain.protection import UploadManifest
from chalicelib.imaging.provenance.engine import VALID, context, read_manifests
from chalicelib.imaging.provenance.history import PARENT

MAX_STORE_BYTES = 60_000
"""Of all manifests in a file: one segment of a JPEG; the smallest renditions have less than that in pixels."""

MAX_ARCHIVE_BYTES = 4 * 1024 * 1024
"""Of an upload's manifests with their pictures: they are read for each file. Cameras and editors have far less."""

_MARK = b"jumdc2pa"
"""Begins the description of every C2PA store, in whatever file format (ISO 19566-5, and C2PA's UUID)."""

_KEPT = ("c2pa.actions", "c2pa.hash.", "c2pa.ingredient", "c2pa.training-mining", "cawg.training-mining")
"""Beginnings of labels that stay: what was done, to what, and what is reserved."""


@dataclass(frozen=True, slots=True)
class Parent:
    """What an upload's own manifest comes to.

    Attributes:
        state: as the protection record says it.
        archive: the ingredient as the library keeps it; None where it is not kept.
        redactions: addresses of the assertions that are taken out of it.
    """

    state: UploadManifest
    archive: bytes | None = None
    redactions: tuple[str, ...] = ()


def read_parent(data: bytes, media_type: str) -> Parent:
    """Return what to keep of an upload's manifest.

    Args:
        data: the upload as it came.
        media_type: what it really is.
    """
    if _MARK not in data:
        return Parent("none")
    found = read_manifests(data, media_type)
    if found is None or found[0] not in VALID:
        return Parent("invalid")
    redactions = tuple(
        f"self#jumbf=/c2pa/{label}/c2pa.assertions/{assertion}"
        for label, assertions in found[1].items()
        for assertion in assertions
        if not assertion.startswith(_KEPT)
    )
    archive = _archive(data, media_type)
    if archive is None:
        return Parent("invalid")
    return Parent("kept", archive, redactions) if len(archive) <= MAX_ARCHIVE_BYTES else Parent("not-kept")


def is_clean(data: bytes, media_type: str) -> bool:
    """Tell whether a sealed file is valid, and nothing stands in it that should have been taken out."""
    found = read_manifests(data, media_type)
    return (
        found is not None
        and found[0] in VALID
        and all(assertion.startswith(_KEPT) for assertions in found[1].values() for assertion in assertions)
    )


def _archive(data: bytes, media_type: str) -> bytes | None:
    from c2pa import Builder, C2paError

    archive = BytesIO()
    # the identifier would otherwise be that of the upload's XMP, by which an original can be found again
    ingredient = {"title": "Upload", "relationship": "parentOf", "label": PARENT, "instance_id": "upload"}
    try:
        with Builder({"assertions": []}, context()) as builder:
            builder.add_ingredient(ingredient, media_type, BytesIO(data))
            builder.write_ingredient_archive(PARENT, archive)
    except C2paError:
        return None
    return archive.getvalue()
