"""Runs functions in processes like Lambda's, one after the other, and keeps what each took."""

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.coldstart.packages import Package

_PROCESS = Path(__file__).with_name("lambda_process.py")


class BenchError(Exception):
    """A function did not start, or did not answer as it should."""


@dataclass(slots=True)
class Row:
    """One thing that is measured.

    Attributes:
        name: for people.
        package: whose code; None for Python alone.
        handler: name of the function in the package.
        event: what it answers; None to stop when the handler is found.
        compared_with: name of the row that it is compared with.
        most_ratio, most_mb, most_kb: targets; None for none.
        cpu_ms, peak_mb: what each round took.
    """

    name: str
    package: Package | None
    handler: str = ""
    event: Mapping[str, Any] | None = None
    compared_with: str = ""
    most_ratio: float | None = None
    most_mb: float | None = None
    most_kb: float | None = None
    cpu_ms: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Median of the CPU time, in milliseconds."""
        return statistics.median(self.cpu_ms)

    @property
    def peak(self) -> float:
        """The most memory that any round took, in MB of 1024² bytes."""
        return max(self.peak_mb)

    @property
    def zip_kb(self) -> float | None:
        """Size of the function's own zip, in KB of 1000 bytes."""
        return self.package.zip_bytes / 1000 if self.package else None

    def missed(self, rows: Mapping[str, "Row"]) -> list[str]:
        """Return which targets are missed, for people."""
        found = []
        if self.most_ratio is not None and self.cpu > self.most_ratio * rows[self.compared_with].cpu:
            found.append("CPU")
        if self.most_mb is not None and self.peak > self.most_mb:
            found.append("RSS")
        if self.most_kb is not None and (self.zip_kb or 0) > self.most_kb:
            found.append("zip")
        return found


def measure(rows: Sequence[Row], rounds: int, credentials: Mapping[str, str]) -> None:
    """Run every row `rounds` times, each round all of them, so that a noisy minute meets all alike."""
    for row in rows:
        run(row, credentials)  # a first time, for the file system's cache
    for _ in range(rounds):
        for row in rows:
            took = run(row, credentials)
            row.cpu_ms.append(took["cpu_ms"])
            row.peak_mb.append(took["peak_mb"])


def run(row: Row, credentials: Mapping[str, str]) -> dict[str, Any]:
    """Start a function once and return what `lambda_process` said. Raises BenchError unless it answers well."""
    package = row.package
    task, opt = (str(package.task), str(package.opt)) if package else ("/nowhere", "/nowhere")
    handler = package.handlers[row.handler] if package else ""
    event = [json.dumps(row.event)] if row.event else []
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", str(_PROCESS), task, opt, handler, *event],
        env=_environment(package, credentials),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"{row.name}: {done.stderr[-2000:]}")
    took: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if row.event and took["answer"]["statusCode"] not in {200, 201}:
        raise BenchError(f"{row.name} answered {took['answer']}")
    return took


def _environment(package: Package | None, credentials: Mapping[str, str]) -> dict[str, str]:
    """Return what Lambda would set, and nothing of this process."""
    task = str(package.task) if package else "/nowhere"
    return {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LAMBDA_TASK_ROOT": task,
        **(package.variables if package else {}),
        **credentials,
    }


def get(path: str, resource: str, method: str = "GET", body: Any = None, account: str | None = None) -> dict[str, Any]:
    """Return API Gateway's event for a request: the proxy integration of a REST API."""
    parts, names = path.split("/"), resource.split("/")
    parameters = {name[1:-1]: part for name, part in zip(names, parts, strict=True) if name.startswith("{")}
    headers = {"Host": "cara.example", "Accept": "*/*", "User-Agent": "bench", "X-Forwarded-Proto": "https"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "bench",
        "httpMethod": method,
        "identity": {"sourceIp": "192.0.2.1", "userAgent": "bench"},
        "path": f"/api{path}",
        "protocol": "HTTP/1.1",
        "requestId": "00000000-0000-4000-8000-000000000000",
        "resourcePath": resource,
        "stage": "api",
    }
    if account:
        context["authorizer"] = {"principalId": account}
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": context,
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
