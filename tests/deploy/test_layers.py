"""The Lambda layers: what is in them, byte by byte, and that functions run on them and nothing else.

Functions are tried in a process that has Python's own library, an unpacked layer or two in one folder as Lambda lays
them out in /opt, and the code. Of chalice that process has the two files that `chalice deploy` puts into the zip of the
functions by itself (`iter_app_filenames` of its packager); it stands in no layer.

Layers of this machine's architecture are built, those of the other one downloaded and looked into.
"""

import ast
import importlib.util
import json
import marshal
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import distributions
from pathlib import Path

import chalice.app
import pytest

from chalicelib.domain.protection import ProtectionOptions
from chalicelib.imaging.protect import protect
from tests.architecture.imports import ROOT, Import, imports_of, is_own, is_standard, modules
from tests.corpus import pictures
from tests.corpus.bmff_files import HEIC_GRADIENT
from tests.support.unit_env import subprocess_environment
from tools import build_layers
from tools.build_layers import BuildError, Layer

HERE, ELSEWHERE = ("arm64", "x86_64") if platform.machine() in {"aarch64", "arm64"} else ("x86_64", "arm64")
ELF_MACHINES = {"x86_64": 0x3E, "arm64": 0xB7}
"""``e_machine`` of an ELF header, bytes 18 and 19 (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html)."""


@dataclass(frozen=True)
class Function:
    """A function as Lambda lays it out: its own code in one folder, its layers together in another."""

    code: Path
    opt: Path

    def run(self, script: str, data: bytes = b"") -> str:
        """Run a script on it in a process that has nothing else to import; return what it prints."""
        lines = [
            "import sys",
            f"own = {[str(self.code), str(self.opt / 'python')]!r}",
            "base = tuple([*own, *sys.path])",
            "sys.path[:0] = own",
            script,
            "files = [str(getattr(module, '__file__', None) or '') for module in list(sys.modules.values())]",
            "assert [file for file in files if file and not file.startswith(base)] == []",
        ]
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", "\n".join(lines)],
            cwd=self.code,
            env={**subprocess_environment(), "CARA_MODELS_FOLDER": build_layers.MODELS_PACKAGE},
            input=data,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


@dataclass(frozen=True)
class Builds:
    """What is made for the tests beside the layers themselves, two things at a time."""

    again: Future[list[Layer]]
    folder_again: Path
    elsewhere: Future[None]
    folder_elsewhere: Path


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    again, elsewhere = (tmp_path_factory.mktemp(name) for name in ("layers-built-again", "elsewhere"))

    def fetch_elsewhere() -> None:
        for name in build_layers.LAYERS:
            build_layers.install(build_layers.LISTS / f"{name}.txt", ELSEWHERE, elsewhere / name)

    with ThreadPoolExecutor(2) as pool:
        yield Builds(
            pool.submit(build_layers.build, ["common"], HERE, again),
            again,
            pool.submit(fetch_elsewhere),
            elsewhere,
        )


@pytest.fixture(scope="session")
def layers(builds: Builds, built_layers: list[Layer]) -> dict[str, Layer]:
    builds.again.result()  # so that nothing is being built any more while tests look at temporary folders
    return {layer.layer: layer for layer in built_layers}


@pytest.fixture(scope="session")
def archives(layers: dict[str, Layer]) -> dict[str, Path]:
    return {name: build_layers.OUT / layer.file for name, layer in layers.items()}


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer of our own package."""
    folder = tmp_path_factory.mktemp("own")
    return folder / build_layers.build_code(HERE, folder).file


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make deploy` has Chalice zip: no package of ours, and none of others."""
    folder = tmp_path_factory.mktemp("task")
    shutil.copy(ROOT / "app.py", folder)
    installed = Path(chalice.app.__file__).parent
    (folder / "chalice").mkdir()
    for name in ("__init__.py", "app.py"):
        shutil.copy(installed / name, folder / "chalice")
    return folder


def unpacked(archives: list[Path], folder: Path) -> Path:
    for archive in archives:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def light(code: Path, own: Path, archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Function:
    """Any function but the protection: of the packages of others it has the common layer alone."""
    return Function(code, unpacked([own, archives["common"]], tmp_path_factory.mktemp("opt-light")))


@pytest.fixture(scope="session")
def heavy(code: Path, own: Path, archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Function:
    """The protection function: it has all layers."""
    return Function(code, unpacked([own, *archives.values()], tmp_path_factory.mktemp("opt-heavy")))


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            yield name, opened.read(name)


# What is in a layer


def test_same_lists_give_the_same_bytes(builds: Builds, layers: dict[str, Layer]) -> None:
    [again] = builds.again.result()
    assert again == layers["common"]
    assert (builds.folder_again / again.file).read_bytes() == (build_layers.OUT / again.file).read_bytes()


def test_manifest_says_what_is_there(builds: Builds, layers: dict[str, Layer], archives: dict[str, Path]) -> None:
    for folder, built in ((build_layers.OUT, layers), (builds.folder_again, {"common": layers["common"]})):
        manifest = json.loads((folder / "layers.json").read_text(encoding="utf-8"))
        assert manifest["python"] == "3.13"
        listed = [Layer(**entry) for entry in manifest["layers"]]
        # what was built by hand may lie beside it: the layer of our own code, the other architecture
        assert [each for each in listed if each.architecture == HERE and each.layer in layers] == list(built.values())
        assert {path.name for path in folder.glob("*.zip")} == {each.file for each in listed}
    assert {path.name for path in builds.folder_again.iterdir()} == {"layers.json", layers["common"].file}
    for name, archive in archives.items():
        layer = layers[name]
        assert layer.file == f"{name}-{HERE}-{layer.sha256[:16]}.zip"
        assert layer.zipped_bytes == archive.stat().st_size
        with zipfile.ZipFile(archive) as opened:
            assert layer.unzipped_bytes == sum(each.file_size for each in opened.infolist())


@pytest.mark.parametrize("name", build_layers.LAYERS)
def test_packages_are_those_of_the_list(name: str, layers: dict[str, Layer]) -> None:
    locked = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "layers" / f"{name}.txt").read_text(encoding="utf-8"), re.M)
    built = {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in layers[name].packages.items()}
    assert built == dict(locked)


def test_sizes_leave_room_for_models(layers: dict[str, Layer]) -> None:
    assert sum(layer.unzipped_bytes for layer in layers.values()) <= 230 * 1024 * 1024
    assert all(layer.zipped_bytes <= layer.unzipped_bytes for layer in layers.values())


@pytest.mark.parametrize("name", build_layers.LAYERS)
def test_order_times_and_modes_are_fixed(name: str, archives: dict[str, Path]) -> None:
    with zipfile.ZipFile(archives[name]) as opened:
        entries = opened.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.filename.split("/")[0] for entry in entries} == {"python"}


@pytest.mark.parametrize("name", build_layers.LAYERS)
def test_every_source_is_compiled_for_good(name: str, archives: dict[str, Path]) -> None:
    """PEP 552: flags 0b01 is a compiled file whose source's hash is never checked, nor its time."""
    content = dict(members(archives[name]))
    sources = {each for each in content if each.endswith(".py")}
    compiled = {importlib.util.cache_from_source(each): each for each in sources}
    assert {each for each in content if each.endswith(".pyc")} == set(compiled)
    for path, source in compiled.items():
        data = content[path]
        assert data[:8] == importlib.util.MAGIC_NUMBER + b"\x01\0\0\0", path
        assert data[8:16] == importlib.util.source_hash(content[source]), path
        assert marshal.loads(data[16:]).co_filename == f"/opt/{source}"


@pytest.mark.parametrize("name", build_layers.LAYERS)
def test_nothing_useless_and_no_path_of_this_machine(name: str, archives: dict[str, Path]) -> None:
    paths = [str(path).encode() for path in (Path(tempfile.gettempdir(), "layers-"), ROOT, sys.prefix)]
    for member, data in members(archives[name]):
        assert not {"test", "tests", "bin", "f2py"} & set(member.split("/")[:-1]), member
        assert not member.endswith((".pyi", ".h", ".a", "/RECORD")), member
        assert not [path for path in paths if path in data], member


@pytest.mark.parametrize("name", build_layers.LAYERS)
def test_licences_stay(name: str, heavy: Function, layers: dict[str, Layer]) -> None:
    found = {each.name: each for each in distributions(path=[str(heavy.opt / "python")])}
    for package in layers[name].packages:
        [folder] = (heavy.opt / "python").glob(f"{found[package].name.replace('-', '_').lower()}-*.dist-info")
        licences = found[package].metadata.get_all("License-File") or []
        missing = [each for each in licences if not ((folder / each).exists() or (folder / "licenses" / each).exists())]
        assert missing == [], package
    assert any(path.name.startswith("LICENSE") for path in (heavy.opt / "python").rglob("*"))


def test_layers_do_not_overlap(archives: dict[str, Path]) -> None:
    """Both are laid out in one folder: the one that comes later would win."""
    common, imaging = (set(zipfile.ZipFile(archives[name]).namelist()) for name in ("common", "imaging"))
    assert common & imaging == set()


def architectures(data: Iterator[bytes]) -> set[int]:
    return {int.from_bytes(each[18:20], "little") for each in data if each.startswith(b"\x7fELF")}


@pytest.mark.parametrize("name", build_layers.LAYERS)
def test_binaries_are_of_this_architecture(name: str, archives: dict[str, Path]) -> None:
    assert architectures(data for _, data in members(archives[name])) == {ELF_MACHINES[HERE]}


@pytest.mark.parametrize("name", build_layers.LAYERS)
def test_binaries_are_of_the_other_architecture(name: str, builds: Builds) -> None:
    builds.elsewhere.result()
    files = [path for path in (builds.folder_elsewhere / name).rglob("*") if path.is_file()]
    assert architectures(path.read_bytes() for path in files) == {ELF_MACHINES[ELSEWHERE]}


# Functions on their layers


def application(*, imaging: bool) -> list[str]:
    return [name for name in modules() if name.startswith("chalicelib.imaging") == imaging]


def third_party(names: list[str]) -> list[str]:
    """Return a statement for each import of other people's code, in functions as well, but none of stubs."""
    sources = modules()
    found = {each for name in names for each in imports_of(sources[name])}
    outside = [each for each in found if not is_own(each) and not is_standard(each) and not is_stub(each)]
    return sorted(
        f"from {each.module} import {each.name}" if each.name else f"import {each.module}" for each in outside
    )


def is_stub(found: Import) -> bool:
    return found.module.startswith("mypy_")


def clients(sources: list[str]) -> set[str]:
    """Return the services that code asks boto3 for."""
    return {
        node.args[0].value
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"client", "resource"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


@pytest.mark.parametrize("module", ["app", "chalicelib.http.authentication", "chalicelib.triggers.schedules"])
def test_functions_start_on_the_common_layer(module: str, light: Function) -> None:
    assert light.run(f"import {module}\nprint({module}.__name__)") == f"{module}\n"


def test_all_but_imaging_runs_on_the_common_layer(light: Function) -> None:
    wanted = application(imaging=False)
    statements = third_party(wanted)
    assert "import boto3" in statements
    assert "import jwt" in statements
    light.run("\n".join([*(f"import {name}" for name in wanted), *statements]))


def test_imaging_runs_on_both_layers_and_not_on_one(light: Function, heavy: Function) -> None:
    wanted = application(imaging=True)
    assert "chalicelib.imaging.protect" in wanted
    heavy.run("\n".join([*(f"import {name}" for name in wanted), *third_party(wanted)]))
    with pytest.raises(AssertionError, match="No module named 'PIL'"):
        light.run("import chalicelib.imaging.protect")


@pytest.mark.parametrize(
    "data", [pictures.encoded(pictures.artwork(300, 200), "PNG"), HEIC_GRADIENT], ids=["png", "heic"]
)
def test_a_picture_is_protected_as_it_is_here(data: bytes, heavy: Function) -> None:
    script = """
from chalicelib.composition import protection_service
from chalicelib.domain.protection import ProtectionOptions
protection_service()
from chalicelib.imaging.protect import protect
done = protect(sys.stdin.buffer.read(), ProtectionOptions())
print(*[each.sha256 for each in done.renditions])
"""
    expected = [each.sha256 for each in protect(data, ProtectionOptions()).renditions]
    assert len(expected) >= 3
    assert heavy.run(script, data).split() == expected


def test_tokens_can_be_verified(light: Function) -> None:
    script = """
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
print(jwt.decode(jwt.encode({"sub": "me"}, key, "RS256"), key.public_key(), algorithms=["RS256"])["sub"])
"""
    assert light.run(script) == "me\n"


def test_services_of_the_code_are_described(light: Function) -> None:
    used = clients(list(modules().values()))
    assert "s3" in used
    assert used <= set(build_layers.SERVICES)
    script = f"""
import boto3
for name in {build_layers.SERVICES!r}:
    assert boto3.client(name, region_name="eu-central-1").meta.service_model.operation_names
boto3.resource("dynamodb", region_name="eu-central-1").Table("a").load
print(boto3.client("s3", region_name="cn-north-1").meta.endpoint_url)
print(boto3.client("s3").generate_presigned_url("get_object", Params={{"Bucket": "bucket", "Key": "b"}}).split("?")[0])
"""
    assert light.run(script).split() == ["https://s3.cn-north-1.amazonaws.com.cn", "https://bucket.s3.amazonaws.com/b"]


def test_asking_for_a_service_is_found() -> None:
    assert clients(["def f(): return boto3.client('sqs')", "Session().resource('sns', x=1)", "client('no')"]) == {
        "sqs",
        "sns",
    }


# The tool


@pytest.mark.parametrize(
    "path",
    """
    bin/f2py numpy/tests/test_a.py numpy/_core/tests/data/x.csv a/test/b.py numpy/conftest.py numpy/__init__.pyi
    pydantic/py.typed numpy/_core/include/numpy/ndarrayobject.h numpy/random/lib/libnpyrandom.a
    numpy/f2py/crackfortran.py c2pa/libs/libc2pa_c.rlib c2pa/libs/libc2pa_c.d c2pa/build.py
    numpy/_core/_simd.cpython-313-x86_64-linux-gnu.so numpy/_core/_umath_tests.cpython-313-x86_64-linux-gnu.so
    boto3-1.0.dist-info/RECORD boto3/examples/s3.rst botocore/data/s3/2006-03-01/examples-1.json
    botocore/data/ec2/2016-11-15/service-2.json.gz boto3/data/ec2/2016-11-15/resources-1.json
    botocore/data/s3control/2018-08-20/service-2.json.gz
    """.split(),
)
def test_useless_files_go(path: str) -> None:
    assert build_layers.removed_because(path)


@pytest.mark.parametrize(
    "path",
    """
    numpy/testing/__init__.py numpy/_pytesttester.py pkg/contest/a.py numpy/__init__.py six.py botocore/docs/utils.py
    numpy/_core/_multiarray_umath.cpython-313-x86_64-linux-gnu.so numpy.libs/libscipy_openblas64.so
    c2pa/libs/libc2pa_c.so c2pa/c2pa.py
    boto3-1.0.dist-info/METADATA boto3-1.0.dist-info/LICENSE a-1.dist-info/licenses/x/COPYING a-1.dist-info/sboms/a.json
    a-1.dist-info/entry_points.txt numpy/_core/include/numpy/random/LICENSE.txt botocore/cacert.pem
    botocore/data/endpoints.json botocore/data/partitions.json botocore/data/sdk-default-configuration.json
    botocore/data/_retry.json botocore/data/s3/2006-03-01/service-2.json.gz
    boto3/data/dynamodb/2012-08-10/resources-1.json
    """.split(),
)
def test_useful_files_and_licences_stay(path: str) -> None:
    assert build_layers.removed_because(path) is None


def made_up(layer: str, unzipped: int) -> Layer:
    return Layer(
        layer,
        "arm64",
        "a.zip",
        "0" * 64,
        1,
        unzipped,
        "0" * 64,
        {"big": "1"},
        {f"{layer}-big": unzipped - 1, "small": 1},
    )


def test_too_big_is_told_with_what_is_big() -> None:
    layers = [made_up("common", 60 * build_layers.MB), made_up("imaging", 170 * build_layers.MB)]
    build_layers.check_sizes(layers)
    with pytest.raises(BuildError) as caught:
        build_layers.check_sizes([layers[0], replace(layers[1], unzipped_bytes=170 * build_layers.MB + 1)])
    assert str(caught.value).startswith(
        "common-arm64 + imaging-arm64: 230.0 MB unzipped, 230.0 MB allowed; biggest: ima"
    )
    assert "\n" not in str(caught.value)


def test_other_python_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(build_layers, "RUNNING", (3, 12))
    assert build_layers.main(["--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert said.err == "build_layers: layers are compiled for Python 3.13; this is 3.12: run it with 3.13\n"
    assert said.out == ""
    assert not (tmp_path / "out").exists()


def test_failure_is_one_line_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A list without a hash, which pip refuses before it asks anyone."""
    lists, scratch, out = (tmp_path / name for name in ("lists", "scratch", "out"))
    lists.mkdir()
    scratch.mkdir()
    (lists / "common.txt").write_text("six==1.17.0\n", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert build_layers.main(["--layer", "common", "--out", str(out)], lists) == 1
    said = capsys.readouterr().err
    assert said.startswith("build_layers: pip for x86_64 failed: ERROR: ")
    assert "--require-hashes" in said or "hash" in said.lower()
    assert said.count("\n") == 1
    assert list(scratch.iterdir()) == []
    assert not out.exists()


def test_foreign_manifest_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "layers.json").write_text('{"layers": [{"layer": "common"}]}', encoding="utf-8")
    assert build_layers.main(["--out", str(tmp_path)]) == 1
    assert "layers.json is not a list of layers" in capsys.readouterr().err


def test_a_new_build_replaces_the_old_one_and_keeps_the_others(tmp_path: Path) -> None:
    def put(layer: Layer) -> None:
        archive = tmp_path / "built.zip"
        archive.write_bytes(layer.file.encode())
        known = build_layers.read_manifest(tmp_path / "out")
        build_layers.publish(known | {layer.key: layer}, {layer.key: archive}, tmp_path / "out")

    old, new, other = (replace(made_up("common", 5), file=f"common-arm64-{each}.zip") for each in ("old", "new", "x"))
    other = replace(other, layer="imaging", file="imaging-arm64-x.zip")
    for layer in (old, other, new):
        put(layer)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [new.file, other.file, "layers.json"]
    assert build_layers.read_manifest(tmp_path / "out") == {new.key: new, other.key: other}
