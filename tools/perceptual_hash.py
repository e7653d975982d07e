"""Print the perceptual hash of pictures, with its detail, as the registry takes it (docs/registry.md).

    .venv/bin/python tools/perceptual_hash.py PICTURE…

Exit status: 0; 2 if one is unreadable or not allowed.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # run as a file, Python looks beside this one only

from tools.localcloud.environment import ONE_THREAD  # noqa: E402 - needs the line above

os.environ.update(ONE_THREAD)

from chalicelib.domain.protection import PictureRejectedError  # noqa: E402 - needs the line above


def main(arguments: list[str] | None = None) -> int:
    """Print 80 hex digits for each picture and return the exit status."""
    parser = argparse.ArgumentParser(description="Print the perceptual hash of pictures, with its detail.")
    parser.add_argument("pictures", nargs="+", type=Path)
    for path in parser.parse_args(arguments).pictures:
        try:
            print(_hash(path.read_bytes()))
        except (OSError, PictureRejectedError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 2
    return 0


def _hash(data: bytes) -> str:
    from chalicelib.imaging.containers import examine
    from chalicelib.imaging.decode import load, open_picture
    from chalicelib.imaging.perceptual import long_hash
    from chalicelib.imaging.scaling import make_master, rendition_sizes

    opened = open_picture(examine(data))
    size = rendition_sizes(*opened.upright_size)[0]
    return long_hash(make_master(load(opened, long_side=max(size)), opened.icc, opened.source.orientation, size))


if __name__ == "__main__":
    sys.exit(main())
