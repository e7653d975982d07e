"""Size of the package, CPU time and memory of cold starts, beside FastAPI + Mangum + boto3 and a hello-world Chalice.

    .venv/bin/python -m bench.coldstart [--rounds 9] [--check]

Each start is a process of its own, laid out as Lambda lays it out: what `chalice package` zips in one folder, unpacked
layers in another, the environment as it is rendered for a stage, nothing else on the path and nothing written. What is
measured is its CPU time (user and system, all threads) until the handler is found or the first event is answered; rows
take turns. Wall time and the CPU of another machine mean little: trust ratios. Reads go to an emulated AWS over plain
HTTP: on AWS, TLS comes on top for both. With --check the exit code is 1 if a target is missed.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.coldstart import cloud, packages
from bench.coldstart.measuring import BenchError, Row, get, measure, run
from bench.coldstart.packages import Package

PEER, PEER_READ = "peer: first health", "peer: first profile"
MOST_KB, MOST_MB = 100.0, 110.0
API_RATIO, TRIGGER_RATIO = 0.7, 0.5

HEALTH = get("/v1/health", "/v1/health")
READ = get("/v1/profiles/ada", "/v1/profiles/{handle}")
LIST = get("/v1/profiles/ada/posts", "/v1/profiles/{handle}/posts")
SEED = get("/v1/me", "/v1/me", "PUT", cloud.PROFILE, "00000000-0000-4000-8000-00000000000a")


def main() -> int:
    """Measure, print the table and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.coldstart", description="Package and cold start.")
    parser.add_argument("--rounds", type=int, default=9, help="default: %(default)s")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a target is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coldstart-") as name:
        folder = Path(name)
        with cloud.running(folder / "cloud") as running:
            try:
                rows = _rows(folder, running)
                measure(rows, options.rounds, running.credentials)
            except BenchError as error:
                print(error, file=sys.stderr)
                return 1
    missed = _print_table({row.name: row for row in rows})
    return 1 if missed and options.check else 0


def _rows(folder: Path, running: cloud.Cloud) -> list[Row]:
    """Package everything, make sure that all of it works, and return what is measured."""
    ours = packages.ours(running.outputs, running.variables, folder / "ours")
    peer = packages.peer(folder / "peer", running.variables)
    hello = packages.hello(folder / "hello")
    by_hand = packages.by_hand(running.outputs, ours, folder / "by-hand")
    run(Row("seed", ours, "APIHandler", SEED), running.credentials)
    run(Row("peer: list", peer, "peer", LIST), running.credentials)
    return [
        Row("Python alone", None),
        Row("hello-world Chalice: first health", hello, "APIHandler", HEALTH, PEER),
        Row(PEER, peer, "peer", HEALTH, PEER),
        Row("API: first health", ours, "APIHandler", HEALTH, PEER, API_RATIO, MOST_MB, MOST_KB),
        _trigger("authorizer", ours, "Bearer"),
        _trigger("protect_image, without imaging", ours, "ProtectImage"),
        _trigger("sweep", ours, "Sweep"),
        Row(PEER_READ, peer, "peer", READ, PEER_READ),
        Row("API: first profile", ours, "APIHandler", READ, PEER_READ),
        Row("API by chalice alone: first health", by_hand, "APIHandler", HEALTH, PEER),
        Row("API by chalice alone: first profile", by_hand, "APIHandler", READ, PEER_READ),
    ]


def _trigger(name: str, package: Package, handler: str) -> Row:
    """Return the row of a function without HTTP, which is measured until its handler is found."""
    return Row(name, package, handler, None, PEER, TRIGGER_RATIO, None, MOST_KB)


def _print_table(rows: Mapping[str, Row]) -> bool:
    """Print a line for each row and return whether a target was missed."""
    columns = ("function", "zip KB", "CPU ms", "of peer", "RSS MB", "target", "")
    lines: list[Sequence[str]] = [columns, *(_cells(row, rows) for row in rows.values())]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print(" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    return any(row.missed(rows) for row in rows.values())


def _cells(row: Row, rows: Mapping[str, Row]) -> Sequence[str]:
    ratio = f"{row.cpu / rows[row.compared_with].cpu:.2f}" if row.compared_with else ""
    targets = {"CPU": (row.most_ratio, ""), "RSS": (row.most_mb, " MB"), "zip": (row.most_kb, " KB")}
    wanted = [f"{name} ≤ {most:g}{unit}" for name, (most, unit) in targets.items() if most is not None]
    missed = row.missed(rows)
    verdict = f"missed: {', '.join(missed)}" if missed else "met" if wanted else ""
    size = "" if row.zip_kb is None else f"{row.zip_kb:.1f}"
    return (row.name, size, f"{row.cpu:.0f}", ratio, f"{row.peak:.0f}", ", ".join(wanted), verdict)


if __name__ == "__main__":
    sys.exit(main())
