"""What the cloak does: effect, visibility, cost; beside noise; under attacks; as tables, a sheet and a plot.

    .venv/bin/python -m bench.cloak [--paintings FOLDER] [--size N] [--levels low,default,high] [--pictures N]
                                    [--attacks] [--upscaler FOLDER] [--stages] [--sheet sheet.png] [--plot plot.png]

Needs bench/cloak/requirements.in. CPU seconds are of one thread; run it on a quiet machine.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: its threads would wait for each other at our cost

import argparse
import resource
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from bench.cloak.attacks import ATTACKS
from bench.cloak.noise import noisy
from bench.cloak.outcomes import Outcome, embeddings, mean, shifts, unrelated
from bench.cloak.pictures import drawn, real
from bench.cloak.stages import print_stages
from chalicelib.imaging.cloak.encoders import Encoder, load_encoders, read_manifest
from chalicelib.imaging.cloak.engine import ENCODERS, Cloak
from chalicelib.imaging.cloak.gauge import PROCESSES
from chalicelib.imaging.cloak.levels import LEVELS

USUAL = {"served": PROCESSES["served"], "JPEG 75": ATTACKS["JPEG 75"], "half, JPEG 75": ATTACKS["half, JPEG 75"]}


def main() -> None:
    """Measure and print."""
    options = _options()
    cloak = Cloak(options.models)
    judges = [name for name in read_manifest(options.models) if name not in ENCODERS]
    encoders = load_encoders(options.models, [*ENCODERS, *judges])
    every = list(real(options.paintings, options.size))
    pictures = [every[at] for at in np.unique(np.linspace(0, len(every) - 1, options.pictures).round().astype(int))]
    _print_units(encoders, [picture for _, picture in pictures])
    if options.stages:
        _print_stages(options.models, pictures[0][1])
    processes = _attacks(options.upscaler) if options.attacks else USUAL
    outcomes: dict[str, list[Outcome]] = {}
    for level in options.levels.split(","):
        outcomes[level] = [
            _measure(cloak, encoders, case, level, processes, seed=at) for at, case in enumerate(pictures)
        ]
        _print_level(level, outcomes[level], encoders, processes)
    hard = [_measure(cloak, encoders, case, "default", USUAL, seed=99) for case in drawn(options.size)]
    _print_pictures("drawn, default", hard, encoders)
    if options.sheet:
        from bench.cloak.sheet import write_sheet

        write_sheet(options.sheet, outcomes.get("default") or next(iter(outcomes.values())), hard)
    if options.plot:
        from bench.cloak.plot import write_plot

        write_plot(options.plot, outcomes, [encoder.entry.name for encoder in encoders])
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, judges and bench included")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.cloak")
    parser.add_argument("--models", type=Path, default=Path(".local/models"))
    parser.add_argument("--paintings", type=Path, help="folder with Wesnoth's campaigns; photographs alone without it")
    parser.add_argument("--size", type=int, default=512, help="long side in pixels")
    parser.add_argument("--levels", default="low,default,high")
    parser.add_argument("--pictures", type=int, default=18, help="how many, evenly chosen")
    parser.add_argument("--attacks", action="store_true")
    parser.add_argument("--upscaler", type=Path, help="folder with a learned upscaler (bench/cloak/upscaler.py)")
    parser.add_argument("--stages", action="store_true", help="time and memory of each stage")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--plot", type=Path)
    return parser.parse_args()


def _attacks(upscaler: Path | None) -> Mapping[str, object]:
    if upscaler is None:
        return ATTACKS
    from bench.cloak.upscaler import upscaling

    return {**ATTACKS, **upscaling(upscaler)}


def _print_stages(models: Path, picture: Image.Image) -> None:
    for level in LEVELS:
        print_stages(models, picture, level)
    print_stages(models, picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.BICUBIC), "default")


def _measure(
    cloak: Cloak,
    encoders: Sequence[Encoder],
    case: tuple[str, Image.Image],
    level: str,
    processes: Mapping[str, object],
    *,
    seed: int,
) -> Outcome:
    name, clean = case
    cloaked, report = cloak.apply(clean, level, seed)  # type: ignore[arg-type]
    decibels = report.psnr_db or 99.0
    noise = {"white": noisy(clean, "white", decibels, seed), "low": noisy(clean, "low-frequency", decibels, seed)}
    known = embeddings(encoders, clean, processes)
    return Outcome(
        name=name,
        clean=clean,
        cloaked=cloaked,
        report=report,
        shifts=shifts(encoders, known, embeddings(encoders, cloaked, processes)),
        noise={kind: shifts(encoders, known, embeddings(encoders, each, processes)) for kind, each in noise.items()},
    )


def _print_units(encoders: Sequence[Encoder], pictures: Sequence[Image.Image]) -> None:
    print("median of 1 - cosine between unrelated pictures (the unit of D), measured here and in use:")
    for encoder in encoders:
        print(f"  {encoder.entry.name:20} {unrelated(encoder, pictures):.3f} {encoder.entry.unrelated:.3f}")


def _print_level(
    level: str, outcomes: Sequence[Outcome], encoders: Sequence[Encoder], processes: Mapping[str, object]
) -> None:
    _print_pictures(level, outcomes, encoders)
    names = [encoder.entry.name for encoder in encoders]
    print(f"\n{level}: mean D of {len(outcomes)} pictures; * judges only; in brackets white and low-frequency noise")
    heads = [name if name in ENCODERS else name + "*" for name in names]
    print(f"{'':24}" + "".join(f"{head:>28}" for head in heads))
    for process in processes:
        cells = []
        for name in names:
            ours = mean([each.shifts[process][name] for each in outcomes])
            white, low = (mean([each.noise[kind][process][name] for each in outcomes]) for kind in ("white", "low"))
            cells.append(f"{ours:.2f} ({white:.2f} {low:.2f})")
        print(f"{process:24}" + "".join(f"{cell:>28}" for cell in cells))
    _print_least(outcomes, next(iter(processes)))


def _print_least(outcomes: Sequence[Outcome], process: str) -> None:
    """Print how many times the effect of low-frequency noise of equal PSNR the weakest of the pictures has."""
    ratios = {
        each.name: mean(list(each.shifts[process].values())) / mean(list(each.noise["low"][process].values()))
        for each in outcomes
        if each.report.applied
    }
    least = min(ratios, key=lambda name: ratios[name])
    print(f"least beside low-frequency noise, {process}: {ratios[least]:.1f} times ({least})")


def _print_pictures(title: str, outcomes: Sequence[Outcome], encoders: Sequence[Encoder]) -> None:
    print(f"\n{title}\n{'picture':22}{'PSNR':>7}{'SSIM':>7}{'dE00':>7}{'steps':>7}{'CPU s':>7}  D as served")
    for each in outcomes:
        report = each.report
        found = (
            " ".join(f"{each.shifts['served'][encoder.entry.name]:.2f}" for encoder in encoders)
            if ("served" in each.shifts)
            else " ".join(f"{effect.served:.2f}" for effect in report.encoders)
        )
        short = "" if report.floor_reached else "  below its floor"
        figures = f"{report.psnr_db or np.inf:7.1f}{report.ssim:7.3f}{report.color_difference:7.2f}"
        print(f"{each.name:22}{figures}{report.steps:7}{report.cpu_seconds:7.1f}  {found}{short}")
    reports = [each.report for each in outcomes]
    decibels = mean([report.psnr_db or 99.0 for report in reports])
    color, ssim = mean([report.color_difference for report in reports]), mean([report.ssim for report in reports])
    steps, seconds = mean([float(report.steps) for report in reports]), mean([report.cpu_seconds for report in reports])
    print(f"{'mean':22}{decibels:7.1f}{ssim:7.3f}{color:7.2f}{steps:7.0f}{seconds:7.1f}", flush=True)


if __name__ == "__main__":
    main()
