"""Effect against visibility and against time, a point for each picture and level."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.cloak.outcomes import Outcome, mean

PROCESS = "half, JPEG 75"


def write_plot(path: Path, outcomes: Mapping[str, Sequence[Outcome]], encoders: Sequence[str]) -> None:
    """Write a PNG with D after JPEG 75 at half size, mean of all encoders, over SSIM, ΔE00 and CPU seconds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    axes = figure.subplots(1, 3, sharey=True)
    for at, (level, found) in enumerate(outcomes.items()):
        color = f"C{at}"
        effect = [mean([each.shifts[PROCESS][name] for name in encoders]) for each in found]
        axes[0].scatter([each.report.ssim for each in found], effect, s=14, color=color, label=level)
        axes[1].scatter([each.report.color_difference for each in found], effect, s=14, color=color, label=level)
        axes[2].scatter([each.report.cpu_seconds for each in found], effect, s=14, color=color, label=level)
        noise = [mean([each.noise["low"][PROCESS][name] for name in encoders]) for each in found]
        axes[0].scatter(
            [each.report.ssim for each in found],
            noise,
            s=10,
            marker="x",
            color=color,
            label=f"{level}: noise, equal PSNR",
        )
    for axis, label in zip(axes, ("SSIM", "mean ΔE00", "CPU seconds"), strict=True):
        axis.set_xlabel(label)
        axis.grid(visible=True, alpha=0.3)
    axes[0].set_ylabel("D after JPEG 75 at half size")
    axes[0].legend(fontsize=7)
    figure.savefig(path, dpi=110)
