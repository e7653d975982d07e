import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.domain.protection import PictureRejectedError
from chalicelib.imaging.limits import MAX_BYTES
from tests.corpus.hostile import HostileCase, hostile_files
from tests.corpus.png_files import header
from tests.unit.imaging.helpers import protected

ROOT = Path(__file__).parents[3]
BOMBS = [
    case
    for case in hostile_files()
    if case.code in {"too-many-pixels", "too-long-side", "too-many-frames", "animation-too-large", "too-complex"}
]

# The kernel counts CPU time and ends the process: two seconds at most, however busy the machine is with other things.
MEASURED = """
import resource, sys
from chalicelib.domain.protection import PictureRejectedError, ProtectionOptions
from chalicelib.imaging.protect import protect
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF)
seconds = int(before.ru_utime + before.ru_stime) + 2
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
try:
    protect(data, ProtectionOptions())
except PictureRejectedError as error:
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(error.reason.code, (after.ru_maxrss - before.ru_maxrss) // 1024)
"""


@pytest.mark.parametrize("case", BOMBS, ids=str)
def test_bombs_are_refused_before_they_cost_anything(case: HostileCase) -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEASURED], input=case.make(), capture_output=True, cwd=ROOT, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    code, megabytes = run.stdout.decode().split()
    assert code == case.code
    assert int(megabytes) < 50


def test_size_is_checked_before_the_data_is_looked_at() -> None:
    with pytest.raises(PictureRejectedError) as rejected:
        protected(header(50_000, 50_000) + b"no chunk at all")
    assert rejected.value.reason.code == "too-long-side"
    assert rejected.value.reason.evidence == ("50000 x 50000 pixels",)


def test_a_file_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(PictureRejectedError) as rejected:
        protected(bytes(MAX_BYTES + 1))
    assert (rejected.value.state, rejected.value.reason.code) == ("refused", "too-large-file")


def test_importing_the_package_loads_no_codec() -> None:
    code = "import sys, chalicelib.imaging; sys.exit(any(name in sys.modules for name in ('PIL', 'numpy', 'pi_heif')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_heic_libraries_are_loaded_for_heic_alone() -> None:
    code = "import sys, chalicelib.imaging.protect; sys.exit('pi_heif' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
