"""The contact sheet: what was, what is, and the difference made visible."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from bench.cloak.outcomes import Outcome

CELL, GAP, LINE = 384, 6, 16
AMPLIFIED = 8


def write_sheet(path: Path, outcomes: Sequence[Outcome], hard: Sequence[Outcome]) -> None:
    """Write one row for each picture: original, cloaked, and their difference, amplified eight times around grey."""
    rows = [*outcomes, *hard]
    sheet = Image.new("RGB", (3 * (CELL + GAP) + GAP, len(rows) * (CELL + LINE + GAP)), "white")
    pen = ImageDraw.Draw(sheet)
    for at, each in enumerate(rows):
        top = at * (CELL + LINE + GAP)
        report = each.report
        title = f"{each.name}  SSIM {report.ssim:.3f}  dE00 {report.color_difference:.2f}  difference x {AMPLIFIED}"
        pen.text((GAP, top + 2), title, fill="black")
        for column, picture in enumerate((each.clean, each.cloaked, _difference(each.clean, each.cloaked))):
            shown = picture.copy()
            shown.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
            sheet.paste(shown, (GAP + column * (CELL + GAP), top + LINE))
    sheet.save(path)


def _difference(clean: Image.Image, cloaked: Image.Image) -> Image.Image:
    change = np.asarray(cloaked, np.int16) - np.asarray(clean, np.int16)
    return Image.fromarray(np.clip(128 + AMPLIFIED * change, 0, 255).astype(np.uint8))
