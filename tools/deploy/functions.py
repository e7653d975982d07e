"""Runs Chalice itself, as ops would by hand, on a project whose own package is in a layer.

Chalice zips `chalicelib` as sources, which Lambda compiles again at every cold start, and sends that zip once for each
function. Where there is no such folder, the compiled one of the layer `code` is imported. Chalice run by hand in the
checkout does zip it, and what is in the zip comes before what is in a layer: slower, and right.
"""

import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import chalice as chalice_package

from tools.deploy.errors import DeployError
from tools.deploy.stage import ROOT


def staged(folder: Path) -> Path:
    """Make `folder` a project that holds the application without its package, and the checkout's configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    compile_chalice(folder / "vendor" / "chalice")
    configuration = folder / ".chalice"
    if not configuration.is_symlink():
        configuration.symlink_to(ROOT / ".chalice", target_is_directory=True)
    return folder


def compile_chalice(folder: Path) -> None:
    """Put the compiled files of what Chalice zips of itself beside it: `vendor/` is laid out where the sources are."""
    cache = folder / "__pycache__"
    cache.mkdir(parents=True, exist_ok=True)
    installed = Path(chalice_package.__file__).parent
    for name in ("__init__", "app"):
        py_compile.compile(
            str(installed / f"{name}.py"),
            cfile=str(cache / f"{name}.{sys.implementation.cache_tag}.pyc"),
            dfile=f"/var/task/chalice/{name}.py",
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            doraise=True,
        )


def chalice(project: Path, *arguments: str, region: str) -> None:
    """Run `chalice ARGUMENTS` in `project`, its lines shown as they come. Raises DeployError if it fails."""
    command = [str(Path(sys.executable).with_name("chalice")), "--project-dir", str(project), *arguments]
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        # the note that pip is old would be the only line that is not about the deployment
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    done = subprocess.run(command, env=environ, cwd=project, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise DeployError(f"chalice {arguments[0]} failed with exit code {done.returncode}: see above")
