"""Builds the Lambda layers from the hash-pinned lists of layers/: one zip each and layers.json beside them.

    .venv/bin/python tools/build_layers.py [--architecture x86_64|arm64] [--layer common|imaging|all] [--out DIR]

Wheels come from wherever pip is set up to find them; nothing else touches the network. The same lists give the same
bytes, whatever the folder, with the same patch release of Python and the same zlib. layers/README.md says the rest.
Errors are one line, exit code 1, and leave what was built before as it was.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # run as a file, Python looks beside this one only

from tools import build_models  # noqa: E402  needs the line above

LISTS = ROOT / "layers"
OUT = ROOT / ".local" / "layers"
LAYERS = ("common", "imaging")
CODE = "code"
"""The layer that holds chalicelib, and no package of others."""

DEPLOYED = (3, 13)
"""Minor version of the deployed runtime: compiled files of another one would not be read."""
RUNNING = (sys.version_info.major, sys.version_info.minor)

MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""What wheels call each of Lambda's architectures."""
GLIBC_MINORS = range(34, 16, -1)
"""Runtimes from Python 3.12 on are Amazon Linux 2023, whose glibc is 2.34: newest first, as pip prefers the first."""

MB = 1024 * 1024
UNZIPPED_LIMIT = 250 * MB
"""Bytes of a function and all of its layers, unzipped: Lambda's quota, `CodeSizeUnzipped` of GetAccountSettings."""
UNZIPPED_BUDGET = 230 * MB
"""Bytes that both layers may take together, the models among them: the rest is room for another encoder."""
MODELS_OF = "imaging"
"""The layer that brings the cloak's models."""
MODELS_PACKAGE = "cloak_models"
"""Where they lie in it: beside the packages, so that Python finds them wherever layers are laid out."""
DIRECT_LIMIT = 50 * MB
"""Bytes of a zip that is sent in the request itself (`CodeSizeZipped`); one in S3 is bound by UNZIPPED_LIMIT alone."""

SERVICES = (
    "cloudfront cloudfront-keyvaluestore cloudwatch cognito-idp dynamodb dynamodbstreams events kms lambda logs s3 "
    "secretsmanager ses sesv2 sns sqs ssm sts"
).split()
"""What the layer's boto3 can talk to: the services that the platform consists of, and `sts` for credentials."""

MANIFEST = "layers.json"


class BuildError(Exception):
    """The layers cannot be built. The message is one line for whoever ran the tool."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Files that have no use at run time.

    Attributes:
        pattern: matched from the start of a path below `python/`, in POSIX form.
        why: what they are for, or why nothing misses them.
    """

    pattern: re.Pattern[str]
    why: str


LICENCE = re.compile(r"(.*/)?(licen[cs]e|copying|notice|authors)[^/]*$|.*\.dist-info/licenses/", re.IGNORECASE)
"""What stays whatever a rule says: the licences ask for it."""

RULES = (
    Rule(re.compile(r"bin/"), "commands for people; their first line names the interpreter that built them"),
    Rule(re.compile(r"(.*/)?(tests?/|conftest\.py$)"), "tests of the packages themselves"),
    Rule(re.compile(r"numpy/_core/(_simd|_\w+_tests)\.[^/]*so$"), "extension modules that only numpy's tests import"),
    Rule(re.compile(r"(.*/)?(\w+\.pyi|py\.typed)$"), "read by type checkers"),
    Rule(re.compile(r".*\.(a|c|h|pxd|pyx|pc)$"), "for compiling against a package"),
    Rule(
        re.compile(r"onnxruntime/(transformers|quantization|tools|datasets)/"),
        "for making and shrinking models; what runs them imports none of it",
    ),
    Rule(
        re.compile(r"onnxruntime/capi/libonnxruntime\.so"),
        "for programs in C: Python's extension module has all of it in itself, and does not load it: 35 MB",
    ),
    Rule(
        re.compile(r"c2pa/libs/[^/]+\.(rlib|d)$|c2pa/build\.py$"),
        "for programs in Rust, and for fetching the library: Python loads the shared object alone: 29 MB",
    ),
    Rule(re.compile(r"numpy/(f2py|_pyinstaller|random/_examples)/"), "for Fortran, for a packager, examples"),
    Rule(
        re.compile(r"[^/]+\.dist-info/(RECORD|INSTALLER|REQUESTED|WHEEL|direct_url\.json|top_level\.txt|zip-safe)$"),
        "pip's own notes for removing a package; RECORD is wrong once anything was removed or compiled",
    ),
    Rule(
        re.compile(r"aws_lambda_powertools/event_handler/"),
        "another framework for routes: ours is Chalice, and nothing that is imported asks for it: 3 MB",
    ),
    Rule(re.compile(r"boto3/examples/|botocore/data/.*/examples-1\.json$"), "read when documentation is generated"),
    Rule(
        re.compile(rf"(boto3|botocore)/data/(?!({'|'.join(SERVICES)})/)[^/]+/"),
        "descriptions of services that are no part of the platform: 15 MB; the files in botocore/data itself stay",
    ),
)


@dataclass(frozen=True, slots=True)
class Layer:
    """A built layer, as the manifest describes it.

    Attributes:
        layer: its name.
        architecture: as Lambda calls it.
        file: name of the zip, beside the manifest; it changes with the content and only then.
        sha256: lower-case hex digest of the zip.
        zipped_bytes: size of the zip.
        unzipped_bytes: size of the files in it, which is what Lambda counts.
        made_from: what it was built from, see inputs(): while that stays, building again would give the same.
        packages: version by name.
        largest: bytes by top-level folder or file, the ten biggest, largest first.
    """

    layer: str
    architecture: str
    file: str
    sha256: str
    zipped_bytes: int
    unzipped_bytes: int
    made_from: str
    packages: dict[str, str]
    largest: dict[str, int]

    @property
    def key(self) -> str:
        """Its name in the manifest."""
        return f"{self.layer}-{self.architecture}"


def check_interpreter(running: tuple[int, int]) -> None:
    """Raise BuildError where compiled files would not be those of the deployed runtime."""
    if running != DEPLOYED:
        wanted, found = (".".join(map(str, version)) for version in (DEPLOYED, running))
        raise BuildError(f"layers are compiled for Python {wanted}; this is {found}: run it with {wanted}")


def removed_because(path: str) -> str | None:
    """Return why the file at `path` below `python/` is left out; None if it stays."""
    if LICENCE.match(path) and not path.startswith("bin/"):
        return None
    return next((rule.why for rule in RULES if rule.pattern.match(path)), None)


def run(command: Sequence[str], doing: str) -> None:
    """Run a command quietly; raise BuildError with the line that says most of what went wrong."""
    personal = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_NO_DEPS", "PIP_NO_BINARY"}
    environment = {name: value for name, value in os.environ.items() if name not in personal}
    environment |= {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    telling = next((line for line in lines if line.startswith("ERROR:")), lines[-1] if lines else "it said nothing")
    raise BuildError(f"{doing} failed: {telling}")


def install(requirements: Path, architecture: str, target: Path) -> None:
    """Put the wheels of a hash-pinned list into `target`, for the deployed runtime whatever machine this is."""
    machine = MACHINES[architecture]
    tags = [f"manylinux_2_{minor}_{machine}" for minor in GLIBC_MINORS] + [f"manylinux2014_{machine}"]
    pip = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--no-compile", "--target", str(target)]
    # the lists are complete, and leave out what the other layer has
    pip += ["--no-deps", "--only-binary=:all:", "--implementation=cp"]
    pip += [f"--python-version={DEPLOYED[0]}.{DEPLOYED[1]}", *(f"--platform={tag}" for tag in tags)]
    run([*pip, "--require-hashes", "--requirement", str(requirements)], f"pip for {architecture}")


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each file's POSIX path below `folder` and the file, sorted by that path."""
    yield from sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())


def prune(tree: Path) -> None:
    """Remove what the rules name from an installed tree."""
    for name, path in files_below(tree):
        if removed_because(name):
            path.unlink()


def compile_sources(tree: Path) -> None:
    """Write a compiled file for each source, which is used without a look at the source's time or content.

    Tracebacks name sources where Lambda lays layers out, below /opt. A process of its own in which one thread works
    through sorted files gives the same bytes each time.
    """
    compileall = [sys.executable, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    run([*compileall, "-s", str(tree.parent), "-p", "/opt", str(tree)], "compiling")


def write_zip(folder: Path, target: Path) -> None:
    """Pack a folder so that nothing but names and contents of its files counts: order, times and modes are fixed."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, path in files_below(folder):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, or the mode below means nothing
            entry.external_attr = 0o100644 << 16  # Lambda's user is another one; shared objects need no execute bit
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes(), compresslevel=6)  # 9 takes thrice the time for 1% less


def largest(tree: Path) -> dict[str, int]:
    """Return bytes by top-level folder or file of `tree`, the ten biggest, largest first."""
    sizes: Counter[str] = Counter()
    for name, path in files_below(tree):
        sizes[name.split("/", 1)[0]] += path.stat().st_size
    return dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:10])


def inputs(layer: str, lists: Path = LISTS) -> str:
    """Return the hex SHA-256 of all that decides what is in a layer: its list, this tool, and the running Python."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (lists / f"{layer}.txt", Path(__file__)):
        digest.update(path.read_bytes())
    if layer == MODELS_OF:
        digest.update(build_models.recipe_digest().encode())
    return digest.hexdigest()


def add_models(folder: Path) -> None:
    """Put the models that the cloak is computed against into `folder`, built first if need be."""
    try:
        build_models.build(build_models.OUT)
        files = build_models.surrogates(build_models.OUT)
    except build_models.BuildError as error:
        raise BuildError(str(error)) from error
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def build_layer(layer: str, architecture: str, scratch: Path, lists: Path = LISTS) -> tuple[Layer, Path]:
    """Build one layer below the empty or missing folder `scratch`; return what it is and where its zip lies."""
    root = scratch / layer
    tree = root / "python"
    tree.mkdir(parents=True)
    install(lists / f"{layer}.txt", architecture, tree)
    prune(tree)
    compile_sources(tree)
    if layer == MODELS_OF:
        add_models(tree / MODELS_PACKAGE)
    archive = scratch / f"{layer}.zip"
    write_zip(root, archive)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    found = sorted((each.name, each.version) for each in distributions(path=[str(tree)]))
    described = Layer(
        layer=layer,
        architecture=architecture,
        file=f"{layer}-{architecture}-{digest[:16]}.zip",
        sha256=digest,
        zipped_bytes=archive.stat().st_size,
        unzipped_bytes=sum(path.stat().st_size for _, path in files_below(root)),
        made_from=inputs(layer, lists),
        packages=dict(found),
        largest=largest(tree),
    )
    shutil.rmtree(root)
    return described, archive


def build_code(architecture: str, out: Path, source: Path = ROOT / "chalicelib") -> Layer:
    """Build the layer of our own package, compiled like the others, into `out` and return it.

    Chalice would put the sources into the functions' zip, where Lambda compiles them again at every cold start.
    """
    check_interpreter(RUNNING)
    with tempfile.TemporaryDirectory(prefix="code-") as scratch:
        root = Path(scratch) / CODE
        tree = root / "python"
        shutil.copytree(source, tree / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        compile_sources(tree)
        archive = Path(scratch) / f"{CODE}.zip"
        write_zip(root, archive)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        described = Layer(
            layer=CODE,
            architecture=architecture,
            file=f"{CODE}-{architecture}-{digest[:16]}.zip",
            sha256=digest,
            zipped_bytes=archive.stat().st_size,
            unzipped_bytes=sum(path.stat().st_size for _, path in files_below(root)),
            made_from=digest,
            packages={},
            largest=largest(tree),
        )
        publish(read_manifest(out) | {described.key: described}, {described.key: archive}, out)
    return described


def in_mb(size: int) -> str:
    """Return bytes as a person reads them."""
    return f"{size / MB:.1f} MB"


def check_sizes(layers: Iterable[Layer], budget: int = UNZIPPED_BUDGET) -> None:
    """Raise BuildError if the layers that one function would get together leave too little room for its models."""
    together = list(layers)
    unzipped = sum(each.unzipped_bytes for each in together)
    if unzipped <= budget:
        return
    parts = sorted(((size, name) for each in together for name, size in each.largest.items()), reverse=True)
    biggest = ", ".join(f"{name} {in_mb(size)}" for size, name in parts[:8])
    names = " + ".join(each.key for each in together)
    raise BuildError(f"{names}: {in_mb(unzipped)} unzipped, {in_mb(budget)} allowed; biggest: {biggest}")


def read_manifest(out: Path) -> dict[str, Layer]:
    """Return what was built into `out` before, by key; raise BuildError if the manifest is not one of this tool's."""
    manifest = out / MANIFEST
    if not manifest.exists():
        return {}
    try:
        entries: list[dict[str, object]] = json.loads(manifest.read_text(encoding="utf-8"))["layers"]
        # what was built before layers told what they are made from is built again
        layers = [Layer(**{"made_from": "", **entry}) for entry in entries]  # type: ignore[arg-type]  # written by publish() below
    except (ValueError, TypeError, KeyError) as error:
        raise BuildError(f"{manifest} is not a list of layers: remove it ({type(error).__name__})") from error
    return {layer.key: layer for layer in layers if (out / layer.file).is_file()}


def publish(layers: Mapping[str, Layer], archives: Mapping[str, Path], out: Path) -> None:
    """Move zips into `out`, write the manifest, and remove zips that no longer stand in it."""
    out.mkdir(parents=True, exist_ok=True)
    for key, archive in archives.items():
        shutil.move(archive, out / layers[key].file)
    entries = [asdict(layer) for _, layer in sorted(layers.items())]
    text = json.dumps({"python": f"{DEPLOYED[0]}.{DEPLOYED[1]}", "layers": entries}, indent=2) + "\n"
    new = out / f"{MANIFEST}.new"
    new.write_text(text, encoding="utf-8")
    new.replace(out / MANIFEST)
    named = {layer.file for layer in layers.values()}
    for key in archives:
        for old in out.glob(f"{key}-*.zip"):
            if old.name not in named:
                old.unlink()


def current(names: Sequence[str], architecture: str, out: Path = OUT, lists: Path = LISTS) -> list[Layer]:
    """Return the layers in `out` if all of them are there and building would give the same, else nothing."""
    found = read_manifest(out)
    layers = [found.get(f"{name}-{architecture}") for name in names]
    fresh = [each for each in layers if each is not None and each.made_from == inputs(each.layer, lists)]
    return fresh if len(fresh) == len(names) else []


def build(names: Sequence[str], architecture: str, out: Path, lists: Path = LISTS) -> list[Layer]:
    """Build layers into `out` and return them. Nothing there changes unless all of them are well."""
    check_interpreter(RUNNING)
    layers = read_manifest(out)
    archives: dict[str, Path] = {}
    with tempfile.TemporaryDirectory(prefix="layers-") as scratch:
        for name in names:
            layer, archive = build_layer(name, architecture, Path(scratch), lists)
            layers[layer.key], archives[layer.key] = layer, archive
        check_sizes(layer for layer in layers.values() if layer.architecture == architecture)
        publish(layers, archives, out)
    return [layers[key] for key in archives]


def main(arguments: list[str] | None = None, lists: Path = LISTS) -> int:
    """Build what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(description="Build the Lambda layers from the hash-pinned lists of layers/.")
    parser.add_argument("--architecture", choices=sorted(MACHINES), default="x86_64", help="default: %(default)s")
    parser.add_argument("--layer", choices=[*LAYERS, "all"], default="all", help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=OUT, help="default: .local/layers")
    options = parser.parse_args(arguments)
    names = LAYERS if options.layer == "all" else (options.layer,)
    try:
        for layer in build(names, options.architecture, options.out, lists):
            way = "" if layer.zipped_bytes <= DIRECT_LIMIT else " (too big to be sent without S3)"
            print(f"{layer.file}: {in_mb(layer.zipped_bytes)}{way}, {in_mb(layer.unzipped_bytes)} unzipped")
    except (BuildError, OSError) as error:
        print(f"build_layers: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
