"""What a function's start must not load: it is paid for by whoever waits for the first answer."""

import subprocess
import sys

import pytest

from tests.architecture.imports import ROOT
from tests.support.unit_env import subprocess_environment

LATER = (
    "PIL",
    "numpy",
    "pi_heif",
    "onnxruntime",
    "boto3",
    "aws_lambda_powertools.utilities.idempotency",
    "jwt",
    "cryptography",
    "jinja2",
    "chalicelib.imaging",
    "chalicelib.http.openapi",
)


def loaded_by(module: str) -> set[str]:
    """Return every module that importing one loads, in a process of its own."""
    script = f"import {module}, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=subprocess_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("app", LATER),
        (
            "chalicelib.http.authentication",
            ("pydantic", "pynamodb", "boto3", "botocore", "aws_lambda_powertools", "PIL", "chalicelib.composition"),
        ),
        ("chalicelib.composition", ("PIL", "numpy", "boto3", "chalice", "chalicelib.imaging")),
    ],
)
def test_start_loads_no_more_than_it_needs(module: str, unwanted: tuple[str, ...]) -> None:
    loaded = loaded_by(module)
    assert module in loaded
    assert sorted(loaded & set(unwanted)) == []
