"""The C2PA library, imported at first use and set up for bytes of strangers: it fetches nothing and shows nothing."""

import json
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from c2pa import Context

_SETTINGS = {
    # by default each manifest gets a picture of its parent, which is not cloaked
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {
        # addresses in uploads are not followed
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        # a draft is not signed yet; what is signed is verified by the certificate's key
        "verify_after_sign": False,
    },
}

VALID = frozenset(("Valid", "Trusted"))
"""States of a manifest whose hashes and signatures hold, whoever signed."""


@cache
def context() -> "Context":
    """Return the settings, made once."""
    from c2pa import Context

    return Context.from_dict(_SETTINGS)


def read_manifests(data: bytes, media_type: str) -> tuple[str, dict[str, list[str]]] | None:
    """Return the state of a file's manifests, and the labels of each one's assertions; None if it cannot be read."""
    from c2pa import C2paError, Reader

    try:
        with Reader(media_type, BytesIO(data), context=context()) as reader:
            found: dict[str, Any] = json.loads(reader.detailed_json())
            state = reader.get_validation_state() or ""
        return state, {label: list(each["assertion_store"]) for label, each in found["manifests"].items()}
    except (C2paError, ValueError, KeyError, TypeError, AttributeError):
        return None
