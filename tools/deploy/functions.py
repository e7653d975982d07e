"""Runs Chalice itself, as ops would by hand, on a project whose own package is in a layer.

Chalice zips `chalicelib` as sources, which Lambda compiles again at every cold start, and sends that zip once for each
function. Where there is no such folder, the compiled one of the layer `code` is imported. Chalice run by hand in the
checkout does zip it, and what is in the zip comes before what is in a layer: slower, and right.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.deploy.errors import DeployError
from tools.deploy.stage import ROOT


def staged(folder: Path) -> Path:
    """Make `folder` a project that holds the application without its package, and the checkout's configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    configuration = folder / ".chalice"
    if not configuration.is_symlink():
        configuration.symlink_to(ROOT / ".chalice", target_is_directory=True)
    return folder


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
