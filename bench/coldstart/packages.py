"""What stands in /var/task and /opt of each function that is measured, unpacked into folders."""

import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import build_layers
from tools.deploy import functions, layers, render
from tools.deploy.stage import ROOT, Stage

HERE = Path(__file__).resolve().parent
WORK = ROOT / ".local" / "bench" / "coldstart"
ARCHITECTURE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
STAGE = Stage("bench", "us-east-1", ARCHITECTURE)


@dataclass(frozen=True, slots=True)
class Package:
    """A function's code and layers.

    Attributes:
        task, opt: folders that stand for /var/task and /opt.
        zip_bytes: size of the function's own zip.
        handlers: by the name of the function, what Lambda calls.
        variables: the function's environment.
    """

    task: Path
    opt: Path
    zip_bytes: int
    handlers: Mapping[str, str]
    variables: Mapping[str, str]


def ours(outputs: Mapping[str, str], variables: Mapping[str, str], folder: Path) -> Package:
    """Package the application as it is deployed, configured for a stage, with the layers of the API's function."""
    project = _project(folder, outputs, variables)
    functions.compile_chalice(project / "vendor" / "chalice")
    template = json.loads((ROOT / ".chalice" / render.TEMPLATE).read_text(encoding="utf-8"))
    wanted = template["lambda_functions"]["api_handler"]["layers"]
    opt = folder / "opt"
    for layer in layers.built(ARCHITECTURE):
        if layer.layer in wanted:
            _unpack(layers.OUT / layer.file, opt)
    return _packaged(project, opt, folder, variables)


def by_hand(outputs: Mapping[str, str], package: Package, folder: Path) -> Package:
    """Package the application as Chalice does in the checkout, with its own package as sources in the zip."""
    project = _project(folder, outputs, package.variables)
    shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    return _packaged(project, package.opt, folder, package.variables)


def hello(folder: Path) -> Package:
    """Package the least Chalice application in the same way."""
    project = folder / "project"
    shutil.copytree(HERE / "hello", project, ignore=shutil.ignore_patterns("__pycache__"))
    (project / ".chalice").mkdir()
    config = {"version": "2.0", "app_name": "hello", "stages": {STAGE.name: {}}}
    (project / ".chalice" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (project / "requirements.txt").touch()
    (folder / "opt").mkdir()
    return _packaged(project, folder / "opt", folder, {})


def peer(folder: Path, variables: Mapping[str, str]) -> Package:
    """Package the peer: its one file as it is, its packages compiled and pruned as our layers are."""
    task = folder / "task"
    shutil.copytree(HERE / "peer", task, ignore=shutil.ignore_patterns("__pycache__"))
    archive = folder / "task.zip"
    build_layers.write_zip(task, archive)
    return Package(task, _peer_layer(), archive.stat().st_size, {"peer": "app.handler"}, variables)


def _project(folder: Path, outputs: Mapping[str, str], variables: Mapping[str, str]) -> Path:
    """Make a project that holds the application without its package, and the configuration of a stage."""
    project = folder / "project"
    (project / ".chalice").mkdir(parents=True)
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, project)
    shutil.copy(ROOT / ".chalice" / render.TEMPLATE, project / ".chalice")
    named = {
        name: f"arn:aws:lambda:us-east-1:123456789012:layer:{name}:1"
        for name in (*build_layers.LAYERS, build_layers.CODE)
    }
    render.write(project / ".chalice", STAGE, outputs, variables, named)
    return project


def _packaged(project: Path, opt: Path, folder: Path, variables: Mapping[str, str]) -> Package:
    """Have Chalice package a project and unpack what it made."""
    # as people have it: where Python may write compiled files, Chalice finds and packs them
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ |= {"PYTHONPATH": str(ROOT), "AWS_DEFAULT_REGION": STAGE.region, **variables}
    environ |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    out = folder / "out"
    command = [str(Path(sys.executable).with_name("chalice")), "package", "--stage", STAGE.name, str(out)]
    subprocess.run(command, cwd=project, env=environ, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    deployed = _functions(json.loads((out / "sam.json").read_text(encoding="utf-8")))
    archive, task = out / "deployment.zip", folder / "task"
    _unpack(archive, task)
    handlers = {name: str(each["Handler"]) for name, each in deployed.items()}
    rendered = deployed["APIHandler"].get("Environment", {}).get("Variables", {})
    return Package(task, opt, archive.stat().st_size, handlers, {**variables, **rendered})


def _functions(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: each["Properties"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }


def _peer_layer() -> Path:
    """Return the peer's packages, installed and compiled if the list has changed since the last time."""
    listed, opt = HERE / "requirements.txt", WORK / "opt"
    stamp = WORK / "installed"
    wanted = f"{build_layers.inputs('requirements', HERE)} {ARCHITECTURE}"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return opt
    shutil.rmtree(WORK, ignore_errors=True)
    tree = opt / "python"
    tree.mkdir(parents=True)
    build_layers.install(listed, ARCHITECTURE, tree)
    build_layers.prune(tree)
    build_layers.compile_sources(tree)
    stamp.write_text(wanted, encoding="utf-8")
    return opt


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
