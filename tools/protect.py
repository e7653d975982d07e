"""Protect one picture on this computer, with the pipeline that the cloud runs and without the cloud.

    .venv/bin/python tools/protect.py IMAGE --out DIR [--cloak LEVEL] [--creator NAME] [--data-mining CHOICE]
                                      [--human-made]

Writes the renditions and ``report.json`` into DIR, which is made if need be. A report is written for a rejected
picture as well; ``screening`` in it is null where the file could not be read. ``--pixels`` looks for generators'
watermarks in the pixels as well, which the platform does not. The cloak needs its models, which ``make models`` builds.
Content Credentials are signed by a key that is made for this run and forgotten, which ``signing`` in the report says:
nobody can tell later who signed.

Exit status: 0 protected; 1 the cloak's models are missing or damaged; 2 unreadable or not allowed; 3 refused because
the file declares that AI made the picture.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # run as a file, Python looks beside this one only

from tools.localcloud.environment import ONE_THREAD  # noqa: E402 - needs the line above

os.environ.update(ONE_THREAD)

from chalicelib.domain.media import DECLARED_AI  # noqa: E402 - needs the line above
from chalicelib.domain.noai import CHOICES, DEFAULT, DataMining  # noqa: E402 - needs the line above
from chalicelib.domain.protection import (  # noqa: E402 - needs the line above
    CloakLevel,
    CloakReport,
    PictureRejectedError,
    ProtectedPicture,
    ProtectionOptions,
    Rendition,
)
from chalicelib.domain.screening import Screening  # noqa: E402 - needs the line above
from chalicelib.imaging.limits import MAX_BYTES  # noqa: E402 - needs the line above

SELF_MADE = "self-made for this run: others read them as untrusted (signingCredential.untrusted)"

PROTECTED, NO_MODELS, REJECTED, DECLARED = 0, 1, 2, 3

MODELS = ROOT / ".local" / "models"


def main(argv: list[str]) -> int:
    """Protect the picture named in ``argv`` and return the exit status; every error is one line on stderr."""
    arguments = _parser().parse_args(argv)
    options = ProtectionOptions(
        cloak=arguments.cloak,
        creator=arguments.creator,
        data_mining=arguments.data_mining,
        human_made=arguments.human_made,
        pixels=arguments.pixels,
    )
    try:
        return _protect(arguments.image, arguments.out, options)
    except OSError as error:
        print(f"protect: {error.filename or arguments.image}: {error.strerror or error}", file=sys.stderr)
        return REJECTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="protect", description="Protect one picture without the cloud.")
    parser.add_argument("image", type=Path, help="the picture; its name does not matter")
    parser.add_argument("--out", type=Path, required=True, help="directory for the renditions and report.json")
    parser.add_argument("--cloak", choices=get_args(CloakLevel), default="default", help="how strongly to cloak")
    parser.add_argument("--creator", help="name to write into the metadata")
    parser.add_argument("--data-mining", choices=CHOICES, default=DEFAULT, help="what is prohibited to machines")
    parser.add_argument("--human-made", action="store_true", help="state that it was made without generative AI")
    parser.add_argument("--pixels", action="store_true", help="look for watermarks of generators in the pixels as well")
    return parser


def _protect(image: Path, out: Path, options: ProtectionOptions) -> int:
    # loads the codecs, which --help needs not wait for
    from chalicelib.imaging.cloak.encoders import ModelError
    from chalicelib.imaging.cloak.engine import Cloak
    from chalicelib.imaging.protect import protect
    from tools.local_signer import local_signer

    out.mkdir(parents=True, exist_ok=True)
    with image.open("rb") as file:
        data = file.read(MAX_BYTES + 1)  # one more than allowed is enough to be refused
    try:
        cloak = None if options.cloak == "off" else Cloak(MODELS).apply
        picture = protect(data, options, cloak, local_signer())
    except ModelError as error:
        print(f"protect: {error}; make models builds them", file=sys.stderr)
        return NO_MODELS
    except PictureRejectedError as error:
        _write_report(out, _rejection(error, options))
        print(f"protect: {image}: {error.state} ({error.reason.code}): {error.reason.message}", file=sys.stderr)
        return DECLARED if error.reason.code == DECLARED_AI else REJECTED
    for rendition in picture.renditions:
        (out / _name(rendition)).write_bytes(rendition.data)
    _write_report(out, _success(picture, options.data_mining))
    return PROTECTED


def _name(rendition: Rendition) -> str:
    kind = "-animated" if rendition.animated else ""
    suffix = "jpg" if rendition.format == "jpeg" else rendition.format
    return f"{rendition.width}x{rendition.height}{kind}.{suffix}"


def _write_report(out: Path, report: dict[str, Any]) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=2)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")


def _rejection(error: PictureRejectedError, options: ProtectionOptions) -> dict[str, Any]:
    reason = error.reason
    return {
        "status": error.state,
        "reason": {"code": reason.code, "message": reason.message, "evidence": list(reason.evidence)},
        "screening": _screening(error.screening) if error.screening else None,
        "renditions": [],
        "cloak": _cloak(CloakReport(options.cloak, applied=False)),
        "signals": [],
        "signing": None,
        "perceptual_hash": None,
    }


def _success(picture: ProtectedPicture, data_mining: DataMining) -> dict[str, Any]:
    return {
        "status": "protected",
        "screening": _screening(picture.screening),
        "source_format": picture.source_format,
        "width": picture.width,
        "height": picture.height,
        "frames": picture.frames,
        "renditions": [
            {
                "file": _name(rendition),
                "width": rendition.width,
                "height": rendition.height,
                "format": rendition.format,
                "animated": rendition.animated,
                "bytes": len(rendition.data),
                "sha256": rendition.sha256,
            }
            for rendition in picture.renditions
        ],
        "cloak": _cloak(picture.cloak),
        "signals": list(picture.signals),
        "data_mining": data_mining,
        "signing": {"certificates": SELF_MADE, **asdict(picture.provenance)},
        "perceptual_hash": picture.perceptual_hash,
        "blurhash": picture.blurhash,
        "dominant_colors": list(picture.dominant_colors),
    }


def _screening(screening: Screening) -> dict[str, Any]:
    evidence = [{"signal": each.signal, "where": each.where, "value": each.value} for each in screening.evidence]
    return {"verdict": screening.verdict, "evidence": evidence}


def _cloak(report: CloakReport) -> dict[str, Any]:
    return {
        "level": report.level,
        "applied": report.applied,
        "psnr_db": report.psnr_db,
        "ssim": report.ssim,
        "color_difference": report.color_difference,
        "cpu_seconds": report.cpu_seconds,
        "steps": report.steps,
        "floor": report.floor,
        "floor_reached": report.floor_reached,
        "encoders": {
            each.encoder: {"none": each.served, "jpeg75": each.jpeg75, "jpeg75_half": each.jpeg75_half}
            for each in report.encoders
        },
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
