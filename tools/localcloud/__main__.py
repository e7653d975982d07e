"""`python -m tools.localcloud`: run the local cloud until Ctrl-C or SIGTERM."""

import os
import shutil
import signal
import sys
import threading
from types import FrameType

from tools.localcloud.cloud import CloudError
from tools.localcloud.config import LocalConfig, read_config
from tools.localcloud.environment import clean_environment
from tools.localcloud.runfile import AlreadyRunningError, lock
from tools.localcloud.stack import StackError
from tools.localcloud.supervisor import Supervisor


def main(arguments: list[str]) -> int:
    """Run, or with `reset` forget what earlier runs held. Returns the exit code; a failure is one line on stderr."""
    try:
        config = read_config()
        with lock(config.directory):
            if arguments == ["reset"]:
                _reset(config)
            else:
                _run(config)
    except (AlreadyRunningError, CloudError, StackError, OSError, ValueError) as error:
        print(f"cara: {error}", file=sys.stderr)
        return 1
    return 0


def _run(config: LocalConfig) -> None:
    ending = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ending.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    # This process is a client of its own cloud: it must not be led through a proxy or to another account either.
    environ = clean_environment()
    os.environ.clear()
    os.environ.update(environ)
    Supervisor(config, ending).run()


def _reset(config: LocalConfig) -> None:
    for name in ("cloud", "logs", "secret"):
        path = config.directory / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
