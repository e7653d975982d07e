"""Giving renditions their manifests: drafted by the C2PA library, signed by the platform's key, checked before they go.

Nothing may change a file after this: its hash stands in what was signed.
"""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from chalicelib import __version__
from chalicelib.domain.noai import Reservation
from chalicelib.domain.protection import CONTENT_TYPES, Provenance, Rendition
from chalicelib.domain.signatures import Signer
from chalicelib.imaging.provenance.cose import UnknownFormError, signed_message
from chalicelib.imaging.provenance.engine import context
from chalicelib.imaging.provenance.history import PARENT, History
from chalicelib.imaging.provenance.keys import draft_key, draft_key_pem, verify
from chalicelib.imaging.provenance.parent import MAX_STORE_BYTES, Parent, is_clean, read_parent

ASSERTIONS = ("cawg.training-mining", "c2pa.training-mining")
"""Both say the same: the first is the present one, the second what older readers look for, and the only one they do."""

_PARALLEL = 6
"""Signatures asked for at the same time: each is a call to another machine."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A file whose manifest holds another signature for now: ``placeholder``, of ``message``; ``store`` is its size."""

    file: bytes
    placeholder: bytes
    message: bytes
    store: int


def seal(
    renditions: Sequence[Rendition], history: History, reservation: Reservation, original: bytes, signer: Signer
) -> tuple[list[Rendition], Provenance]:
    """Return the renditions with their manifests, and what can be told of them.

    Args:
        renditions: complete but for this.
        history: what was done.
        reservation: what machines may do.
        original: the upload as it came; a valid manifest of it is kept, unless the history disputes it.
        signer: whose word it is.

    Raises:
        UnknownFormError, ValueError: the library, key and certificates do not fit each other; nothing may be published.
        TemporaryError: the key could not be asked this time.
    """
    parent = read_parent(original, f"image/{history.source_format}")
    if history.disputed and parent.state == "kept":
        parent = Parent("not-kept")
    sealed = _sealed(renditions, history, reservation, parent, signer)
    if sealed is None:
        parent = Parent("not-kept")
        sealed = _sealed(renditions, history, reservation, parent, signer)
    if sealed is None:
        raise UnknownFormError("a manifest of our own is larger than it should be, or does not hold")
    return sealed, Provenance(signed=True, upload_manifest=parent.state, human_made=history.human_made)


def _sealed(
    renditions: Sequence[Rendition], history: History, reservation: Reservation, parent: Parent, signer: Signer
) -> list[Rendition] | None:
    """Return sealed renditions; None where this parent cannot be kept."""
    drafts = []
    for each in renditions:
        drafts.append(_draft(each, _manifest(each, history, reservation, parent), parent, signer))
        if drafts[-1].store > MAX_STORE_BYTES:  # before the others are made: a long chain takes its time
            return None
    files = _signed(drafts, signer)
    if not is_clean(files[0], CONTENT_TYPES[renditions[0].format]):
        return None
    return [
        replace(rendition, data=data, sha256=hashlib.sha256(data).hexdigest())
        for rendition, data in zip(renditions, files, strict=True)
    ]


def _manifest(rendition: Rendition, history: History, reservation: Reservation, parent: Parent) -> dict[str, Any]:
    media_type = CONTENT_TYPES[rendition.format]
    manifest: dict[str, Any] = {
        "claim_generator_info": [{"name": "Cara", "version": __version__}],
        "format": media_type,
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {"allActionsIncluded": True, "actions": history.actions(rendition)},
            },
            *(_training_mining(label, reservation) for label in ASSERTIONS),
        ],
    }
    if parent.archive is None:
        source = f"image/{history.source_format}"
        upload = {"title": "Upload", "format": source, "relationship": "parentOf", "label": PARENT}
        return manifest | {"ingredients": [upload]}
    return manifest | {"redactions": list(parent.redactions)}


def _training_mining(label: str, reservation: Reservation) -> dict[str, Any]:
    namespace = label.partition(".")[0]
    entries = {f"{namespace}.{use}": {"use": word} for use, word in reservation.mining.items()}
    return {"label": label, "data": {"entries": entries}}


def _draft(rendition: Rendition, manifest: dict[str, Any], parent: Parent, signer: Signer) -> _Draft:
    from c2pa import Builder, C2paSignerInfo
    from c2pa import Signer as LibrarySigner

    media_type, file = CONTENT_TYPES[rendition.format], BytesIO()
    information = C2paSignerInfo(b"es256", signer.certificates.encode(), draft_key_pem(), None)
    with LibrarySigner.from_info(information) as library_signer, Builder(manifest, context()) as builder:
        if parent.archive is not None:
            builder.add_ingredient_from_archive(BytesIO(parent.archive))
        store = builder.sign(library_signer, media_type, BytesIO(rendition.data), file)
    placeholder, message = signed_message(store)
    # this is what the library signed, and so what is to be signed
    verify(draft_key().public_key(), placeholder, message)
    return _Draft(file.getvalue(), placeholder, message, len(store))


def _signed(drafts: Iterable[_Draft], signer: Signer) -> list[bytes]:
    """Have each draft signed, and put the signature into its place."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    key = x509.load_pem_x509_certificates(signer.certificates.encode())[0].public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise UnknownFormError("the certificate is for no key of an elliptic curve")

    def sign(draft: _Draft) -> bytes:
        signature = signer.sign(draft.message)
        verify(key, signature, draft.message)
        if draft.file.count(draft.placeholder) != 1:
            raise UnknownFormError("the signature does not stand in the file as a whole")
        return draft.file.replace(draft.placeholder, signature)

    with ThreadPoolExecutor(_PARALLEL) as pool:
        return list(pool.map(sign, drafts))
