"""CPU seconds and bytes of tagging and signing the twelve files of a picture.

    .venv/bin/python -m bench.provenance

Keys are of this process; KMS's time is told apart, as what waiting for it would add: a signer that sleeps as long as a
call within a region takes. The last row is the way in which the library has others sign.
"""

import hashlib
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402  needs the line above

from chalicelib.domain.noai import RESERVATIONS  # noqa: E402
from chalicelib.domain.protection import CloakReport, ProtectionOptions, Rendition  # noqa: E402
from chalicelib.domain.signatures import Signer  # noqa: E402
from chalicelib.imaging.encode import FORMATS, encode  # noqa: E402
from chalicelib.imaging.metadata import xmp_packet  # noqa: E402
from chalicelib.imaging.provenance.history import History  # noqa: E402
from chalicelib.imaging.provenance.sealing import seal  # noqa: E402
from chalicelib.imaging.scaling import rendition_sizes, shrink  # noqa: E402
from tools.local_signer import local_signer  # noqa: E402

ROUNDS = 9
CALL_SECONDS = 0.012
"""Of a signature by KMS within a region: assumed."""

HISTORY = History("jpeg", (4000, 3000), 1, turned=False, recolored=True, cloak=CloakReport("default", applied=True))


def main() -> None:
    """Print the table."""
    files, original = renditions(), encoded(Image.effect_noise((2000, 1500), 40).convert("RGB"))
    signer, options = local_signer(), ProtectionOptions(creator="Somebody")
    first = timed(lambda: seal(files, HISTORY, RESERVATIONS["ai-training"], original, signer))
    print(f"{len(files)} files of {sum(len(each.data) for each in files) / 1e6:.1f} MB; the smallest has ", end="")
    print(f"{min(len(each.data) for each in files):,} bytes\n")
    print(f"{'':42} | CPU s (median of {ROUNDS}) | wall s")
    print(f"{'the first, libraries and keys included':42} | {first[0]:16.3f} | {first[1]:.3f}")
    row("XMP packet", lambda: xmp_packet(options))
    row("manifests, keys here", lambda: seal(files, HISTORY, RESERVATIONS["ai-training"], original, signer))
    kept = with_manifest(original, signer)
    row("and an upload's own manifest kept", lambda: seal(files, HISTORY, RESERVATIONS["ai-training"], kept, signer))
    far = Signer(lambda data: (time.sleep(CALL_SECONDS), signer.sign(data))[1], signer.certificates)
    row(f"keys {CALL_SECONDS * 1000:.0f} ms away", lambda: seal(files, HISTORY, RESERVATIONS["all"], original, far))
    sealed, _ = seal(files, HISTORY, RESERVATIONS["ai-training"], original, signer)
    added = {len(after.data) - len(before.data) for before, after in zip(files, sealed, strict=True)}
    print(f"\nA manifest adds {min(added):,} to {max(added):,} bytes to a file;")
    print(f"by the library's own way of having others sign it adds {by_callback(files[-1], signer):,}.")


def renditions() -> list[Rendition]:
    """Return twelve files of a picture with as much detail as a photograph has."""
    master = Image.effect_noise((512, 384), 60).resize((2048, 1536), Image.Resampling.BICUBIC).convert("RGB")
    packet = xmp_packet(ProtectionOptions(creator="Somebody"))
    sizes = rendition_sizes(*master.size)
    return [encode(picture, name, packet) for picture in shrink(master, sizes) for name in FORMATS]


def encoded(picture: Image.Image) -> bytes:
    """Return a picture as JPEG."""
    file = BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()


def with_manifest(data: bytes, signer: Signer) -> bytes:
    """Return an upload that brings a manifest along."""
    digest = hashlib.sha256(data).hexdigest()
    upload = Rendition(2000, 1500, "jpeg", data, digest)
    [sealed], _ = seal([upload], replace(HISTORY, size=(2000, 1500)), RESERVATIONS["all"], data, signer)
    return sealed.data


def by_callback(rendition: Rendition, signer: Signer) -> int:
    """Return how many bytes a manifest adds that is signed by the library's callback."""
    from c2pa import Builder, C2paSigningAlg
    from c2pa import Signer as LibrarySigner

    from chalicelib.imaging.provenance.engine import context
    from chalicelib.imaging.provenance.parent import Parent
    from chalicelib.imaging.provenance.sealing import _manifest

    manifest, file = _manifest(rendition, HISTORY, RESERVATIONS["all"], Parent("none")), BytesIO()
    with (
        LibrarySigner.from_callback(signer.sign, C2paSigningAlg.ES256, signer.certificates) as library,
        Builder(manifest, context()) as builder,
    ):
        builder.sign(library, f"image/{rendition.format}", BytesIO(rendition.data), file)
    return len(file.getvalue()) - len(rendition.data)


def row(name: str, work: Callable[[], object]) -> None:
    """Measure some work several times and print it."""
    found = [timed(work) for _ in range(ROUNDS)]
    cpu, wall = (statistics.median(each[at] for each in found) for at in (0, 1))
    print(f"{name:42} | {cpu:16.3f} | {wall:.3f}", flush=True)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the CPU and wall seconds of some work."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    main()
