"""Starts everything in order, keeps it running, and ends it in order."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

from tools import build_models, certificates
from tools.localcloud.access import CONFIRMATION_CODE
from tools.localcloud.children import Child
from tools.localcloud.cloud import CloudError, choose_port, cloud_child, wait_until_ready
from tools.localcloud.config import ROOT, LocalConfig
from tools.localcloud.edge_account import ensure_edge
from tools.localcloud.environment import application_environment, clean_environment
from tools.localcloud.identities import ensure_identities
from tools.localcloud.plan import EmulatedClients, application_children, root_session, stack_parameters
from tools.localcloud.runfile import Run, forget_run, write_run
from tools.localcloud.stack import deploy

_READY_SECONDS = 90.0
_WATCH_SECONDS = 0.5
_BACKLOG = 512


def say(line: str) -> None:
    """Tell the person at the terminal, if there still is one: nobody reading is no reason not to stop cleanly."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


class Supervisor:
    """One local cloud. `run` does all of it."""

    def __init__(self, config: LocalConfig, ending: threading.Event) -> None:
        """Take what was chosen, and the event that is set when everything should end."""
        self._config = config
        self._ending = ending
        self._children: list[Child] = []
        self._endpoint = ""

    def run(self) -> None:
        """Start, watch until the end is asked for, stop.

        Raises CloudError, StackError or OSError, with a message for people, when something cannot be started. All
        children are gone when it returns or raises.
        """
        first_run = not (self._config.directory / "cloud").exists()
        with bind(self._config.port) as listening:
            try:
                self._start(listening)
                if self._ending.is_set():
                    return
                self._announce()
                if first_run and self._config.demo:
                    self._show_demo()
                self._watch()
            finally:
                self._stop()

    def _start(self, listening: socket.socket) -> None:
        config = self._config
        _check_models()
        say("Starting the emulated cloud …")
        port = choose_port(config.cloud_port)
        cloud = cloud_child(port, config.directory)
        self._launch(cloud)
        wait_until_ready(cloud, port)
        endpoint = f"http://127.0.0.1:{port}"
        session = root_session()
        say("Deploying infra/base.yaml …")
        outputs = deploy(session, endpoint, stack_parameters(config))
        certificates.ensure(EmulatedClients(session, endpoint), outputs)
        signer_key = ensure_edge(EmulatedClients(session, endpoint), outputs)
        identities = ensure_identities(session, endpoint, outputs)
        variables = application_environment(outputs, endpoint=endpoint, base_url=config.base_url)
        variables["CARA_SIGNER_PUBLIC_KEY"] = signer_key
        say("Starting the API …")
        for child in application_children(config, variables, identities, listening):
            self._launch(child)
        self._wait_for_api()
        self._endpoint = endpoint
        write_run(config.directory, Run(os.getpid(), config.base_url, endpoint, variables))

    def _launch(self, child: Child) -> None:
        self._children.append(child)
        child.start()

    def _wait_for_api(self) -> None:
        web = next(child for child in self._children if child.name == "web")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and not self._ending.is_set():
            if not web.alive:
                raise CloudError(f"the API did not start: see {web.log}")
            try:
                with direct.open(f"{self._config.base_url}/v1/health", timeout=1):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                self._ending.wait(0.1)
        if not self._ending.is_set():
            raise CloudError(f"the API did not answer within {_READY_SECONDS:.0f} s: see {web.log}")

    def _announce(self) -> None:
        base = self._config.base_url
        say("")
        say(f"  Cara            {base}")
        say(f"  API             {base}/v1/health   described at {base}/docs")
        say(f"  Pictures        {base}/media/…")
        say(f"  Emulated cloud  {self._endpoint}   as AWS_ENDPOINT_URL, with key and secret 'test'")
        say(f"  Logs            {self._config.logs}")
        say("  A token         .venv/bin/python tools/local_user.py NAME")
        say(f"  Signing up      the code that e-mail would bring is always {CONFIRMATION_CODE}")
        say("")
        say("Ready. Ctrl-C stops all of it; make reset forgets what it holds.")

    def _show_demo(self) -> None:
        say("\nThis is the first run, so here is the demo (again any time: make demo).")
        command = [sys.executable, "tools/demo.py"]
        environ = {**clean_environment(), "PORT": str(self._config.port)}
        environ["CARA_LOCAL_DIR"] = str(self._config.directory)
        demo = subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, start_new_session=True)
        while demo.poll() is None and not self._ending.wait(0.1):
            self._revive()
        if demo.poll() is None:
            demo.terminate()
        if demo.wait() and not self._ending.is_set():
            say("The demo failed; the server runs on. See the lines above and the logs.")

    def _watch(self) -> None:
        while not self._ending.wait(_WATCH_SECONDS):
            self._revive()

    def _revive(self) -> None:
        for child in self._children:
            news = child.revive()
            if news:
                say(news)

    def _stop(self) -> None:
        if not self._children:
            return
        say("\nStopping …")
        forget_run(self._config.directory)
        # The cloud, started first, ends last: until then the others can still finish what they are at, and what it
        # saves is complete.
        *others, cloud = reversed(self._children)
        _stop_together(others)
        cloud.stop()
        say("Stopped.")


def _check_models() -> None:
    """Build the cloak's models if they are missing or damaged. Raises CloudError if they cannot be built."""
    try:
        build_models.build(build_models.OUT)
    except (build_models.BuildError, OSError) as error:
        raise CloudError(f"the cloak has no models, and they cannot be built: {error}") from error


def bind(port: int) -> socket.socket:
    """Return a listening socket on `port` of the loopback interface. Raises CloudError if the port is taken.

    It is bound here and handed to the web process, so that connections wait while that process starts again.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise CloudError(f"port {port} is taken: choose another with make run PORT=…") from error
    listening.listen(_BACKLOG)
    return listening


def _stop_together(children: list[Child]) -> None:
    stopping = [threading.Thread(target=child.stop) for child in children]
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()
