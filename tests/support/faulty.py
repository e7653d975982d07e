"""The protection function on a bad day: the real one, with a fault that a file in the local cloud's folder orders.

``fault`` in ``CARA_FAULT_DIR`` makes each try fail as if memory ran out; ``kill`` ends the process in the middle of
processing, once, as a crash of the machine would.
"""

import os
import signal
from pathlib import Path
from typing import Any

from chalicelib.composition import protection_service
from chalicelib.domain.protection import ProtectedPicture, ProtectionOptions
from chalicelib.domain.signatures import Signer
from chalicelib.imaging import protect as imaging
from chalicelib.imaging.protect import Cloaking
from chalicelib.triggers.uploads import protect_image as real_protect_image

_DIRECTORY = Path(os.environ["CARA_FAULT_DIR"])
_real_protect = imaging.protect


def _protect(
    data: bytes, options: ProtectionOptions, cloak: Cloaking | None = None, signer: Signer | None = None
) -> ProtectedPicture:
    if (_DIRECTORY / "fault").exists():
        raise MemoryError("ordered by the test")
    protected = _real_protect(data, options, cloak, signer)
    try:
        (_DIRECTORY / "kill").unlink()
    except FileNotFoundError:
        return protected
    os.kill(os.getpid(), signal.SIGKILL)
    return protected


def protect_image(event: dict[str, Any], context: Any) -> Any:
    """Handle one event with whatever fault is ordered."""
    imaging.protect = _protect
    protection_service.cache_clear()
    return real_protect_image(event, context)
