"""Pictures that bring Content Credentials along, as the C2PA library's own way of signing makes them."""

from io import BytesIO
from typing import Any

import c2pa

from tests.corpus.pictures import artwork, encoded
from tests.support.signing import signer

HUMAN = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"


def from_a_camera(kind: str = "JPEG", parent: bytes | None = None, source: str = HUMAN, **more: Any) -> bytes:
    """Return a picture as a camera or an editor gives it: signed, with pictures of itself and what else it tells."""
    created = {"action": "c2pa.created", "digitalSourceType": source}
    manifest: dict[str, Any] = {
        "claim_generator_info": [{"name": "Camera"}],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {
                "label": "stds.exif",
                "kind": "Json",
                "data": {"@context": {"exif": "http://ns.adobe.com/exif/1.0/"}, "exif:GPSLatitude": "SECRET place"},
            },
        ],
    }
    if parent:
        opening = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}
        manifest["assertions"][0]["data"]["actions"] = [opening]
    file, media_type = BytesIO(), f"image/{kind.lower()}"

    def raw(data: bytes) -> bytes:
        return signer().sign(data)

    with (
        c2pa.Signer.from_callback(raw, c2pa.C2paSigningAlg.ES256, signer().certificates) as library,
        c2pa.Context.from_dict({"verify": {"verify_after_sign": False}}) as context,
        c2pa.Builder(manifest, context) as builder,
    ):
        if parent:
            ingredient = {"title": "before", "relationship": "parentOf", "label": "parent"}
            builder.add_ingredient(ingredient, media_type, BytesIO(parent))
        builder.sign(library, media_type, BytesIO(encoded(artwork(120, 90), kind, **more)), file)
    return file.getvalue()
