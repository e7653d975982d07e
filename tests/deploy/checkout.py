"""A checkout of one's own, and an emulated AWS account to deploy it to."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.deploy.waiting import shortened
from tests.support.clients import admin_client
from tests.support.processes import until
from tools.build_layers import MANIFEST, OUT, Layer
from tools.localcloud.access import ensure_token
from tools.localcloud.config import REGION, ROOT
from tools.localcloud.environment import ROOT_CREDENTIALS, clean_environment, credential_environment

ARCHITECTURE = {"aarch64": "arm64"}.get(os.uname().machine, "x86_64")
"""The emulated Lambda runs functions on this machine."""

_PARTS = ("app.py", "chalicelib", "infra", "layers", "requirements.txt", "tools", "web", ".chalice")
_MADE = {".chalice": ("config.json", "policies", "deployed", "deployments"), "infra": ("stages",)}


@dataclass(frozen=True)
class Outcome:
    """What a command came to: its exit code and all that it printed."""

    code: int
    output: str


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, deployed to the emulated account that answers at `endpoint`."""

    folder: Path
    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """What a person would have in the shell."""
        return {
            **clean_environment(),
            **credential_environment(ROOT_CREDENTIALS),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DATA_PATH": str(shortened(self.folder / ".local" / "botocore")),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def configure(self, stage: str, **settings: Any) -> None:
        """Write the stage's file."""
        file = self.folder / "infra" / "stages" / f"{stage}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"region": REGION, "architecture": ARCHITECTURE, **settings}), encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `python -m tools.deploy ARGUMENTS`, as a leader of a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "tools.deploy", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def deploy(self, *arguments: str) -> Outcome:
        """Run `python -m tools.deploy ARGUMENTS` to its end."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=400)
        return Outcome(process.returncode, output)

    def chalice(self, *arguments: str) -> Outcome:
        """Run Chalice as a person would."""
        command = [str(Path(sys.executable).with_name("chalice")), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=400, check=False
        )
        return Outcome(done.returncode, done.stdout + done.stderr)

    def client(self, service: str) -> Any:
        """Return a client that may do everything."""
        return admin_client(service, self.endpoint)

    def outputs(self, stack: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}

    def apis(self, stage: str) -> list[str]:
        """Return the ids of the REST APIs of a stage."""
        found = self.client("apigateway").get_rest_apis(limit=500)["items"]
        return [api["id"] for api in found if api["name"] == f"cara-{stage}"]

    def names(self, stage: str) -> dict[str, set[str]]:
        """Return the names of what a stage consists of, by kind, without those that CloudFormation made up."""
        found = {
            "functions": [each["FunctionName"] for each in self.client("lambda").list_functions()["Functions"]],
            "roles": [each["RoleName"] for each in self.client("iam").list_roles()["Roles"]],
            "tables": self.client("dynamodb").list_tables()["TableNames"],
            "buckets": [each["Name"] for each in self.client("s3").list_buckets()["Buckets"]],
            "queues": [url.rpartition("/")[2] for url in self.client("sqs").list_queues().get("QueueUrls", [])],
            "rules": [each["Name"] for each in self.client("events").list_rules()["Rules"]],
            "layers": [each["LayerName"] for each in self.client("lambda").list_layers()["Layers"]],
            "logs": [each["logGroupName"] for each in self.client("logs").describe_log_groups()["logGroups"]],
        }
        made_up = re.compile(rf"cara-{stage}-(base|bindings|budget|edge)-[A-Z0-9a-z]*-?\w{{8,}}$")
        return {
            kind: {name for name in names if f"cara-{stage}" in name and not made_up.search(name)}
            for kind, names in found.items()
        }


@dataclass(frozen=True)
class DeployedStage:
    """A deployed stage, as tests/support/artist.py sees a platform."""

    checkout: Checkout
    name: str

    @property
    def base_url(self) -> str:
        """Where its API answers."""
        [api_id] = self.checkout.apis(self.name)
        return f"{self.checkout.endpoint}/_aws/execute-api/{api_id}/api"

    @property
    def outputs(self) -> dict[str, str]:
        """What its base stack gave out."""
        return self.checkout.outputs(f"cara-{self.name}-base")

    def token(self, name: str, group: str | None = None) -> str:
        """Return an access token of the user `name`, who is made if needed."""
        outputs = self.outputs
        return ensure_token(
            endpoint=self.checkout.endpoint,
            pool=outputs["UserPoolId"],
            client_id=outputs["UserPoolClientId"],
            name=name,
            password="a password for tests",
            group=group,
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask its API as a stranger."""
        return httpx.get(f"{self.base_url}{path}", headers=headers, timeout=60, trust_env=False)

    def version(self) -> str:
        """Return the version that it says it is."""
        return until(self._version, 60, "an answer to /v1/health")

    def _version(self) -> str:
        answer = self.get("/v1/health")
        return str(answer.json()["version"]) if answer.status_code == 200 else ""


def copy_checkout(folder: Path, endpoint: str, built: list[Layer]) -> Checkout:
    """Copy what is deployed, and the built layers, to `folder`."""
    for part in _PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", *_MADE.get(part, ())))
        else:
            shutil.copy(source, folder / part)
    (folder / ".local" / "layers").mkdir(parents=True)
    for file in (*(layer.file for layer in built), MANIFEST):
        os.link(OUT / file, folder / ".local" / "layers" / file)
    return Checkout(folder, endpoint)
