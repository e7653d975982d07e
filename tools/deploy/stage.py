"""A stage: its name, and what ops chose for it in infra/stages/NAME.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.deploy.choices import faults
from tools.deploy.errors import DeployError

ROOT = Path(__file__).resolve().parent.parent.parent
STAGES = ROOT / "infra" / "stages"

EDGE_REGION = "us-east-1"
"""Web ACLs of CloudFront, its certificates and its log deliveries exist there alone."""

_NAME = re.compile(r"[a-z][a-z0-9]{1,15}")
_ARCHITECTURES = ("arm64", "x86_64")
_STACKS = ("base", "bindings", "budget", "edge")


@dataclass(frozen=True, slots=True)
class Stage:
    """What is deployed side by side with other stages of the same account.

    Attributes:
        name: part of every name. It has no hyphen: `prod-sweep` would be both a stage and a function of `prod`.
        region: of everything but the edge.
        architecture: of the functions and their layers, as Lambda calls it.
        alarm_email: who is told of alarms and costs; empty for nobody, and then there is no budget either.
        contact_email: where people ask for a licence of what is published; empty for the origin itself.
        parameters: those of each stack (`base`, `bindings`, `budget`, `edge`) that differ from its template's defaults.
    """

    name: str
    region: str
    architecture: str = "arm64"
    alarm_email: str = ""
    contact_email: str = ""
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def stack(self, kind: str) -> str:
        """Return the name of one of its stacks."""
        return f"cara-{self.name}-{kind}"

    @property
    def application(self) -> str:
        """Name of the API, and the start of every function's name."""
        return f"cara-{self.name}"

    @property
    def mail_from(self) -> str:
        """The address that mail to accounts comes from; empty for none."""
        return self.parameters.get("base", {}).get("MailFrom", "")

    @property
    def domain(self) -> str:
        """A domain of one's own; empty for the one that CloudFront gives."""
        return self.parameters.get("edge", {}).get("DomainName", "")


def read_stage(name: str, default_region: str | None, folder: Path = STAGES) -> Stage:
    """Return the stage `name`.

    Its file may be missing: then everything has its default, and the region is `default_region`. Raises DeployError
    for a name that cannot be one, a file that is not of its form, and when no region is known.
    """
    if not _NAME.fullmatch(name):
        raise DeployError(f"{name!r} cannot be a stage: 2 to 16 of a-z and 0-9, a letter first")
    path = folder / f"{name}.json"
    found = _read(path) if path.exists() else {}
    unknown = sorted(set(found) - {"region", "architecture", "alarm_email", "contact_email", *_STACKS})
    if unknown:
        raise DeployError(f"{path.name}: {', '.join(unknown)} is nothing that a stage has")
    region = found.get("region") or default_region
    if not region:
        raise DeployError(f"no region: set AWS_REGION, or give one in infra/stages/{name}.json")
    if not isinstance(region, str):
        raise DeployError(f"{path.name}: region must be a name")
    architecture = found.get("architecture", "arm64")
    if architecture not in _ARCHITECTURES:
        raise DeployError(f"{path.name}: architecture must be one of {', '.join(_ARCHITECTURES)}")
    mail = {kind: found.get(kind, "") for kind in ("alarm_email", "contact_email")}
    for kind, address in mail.items():
        if not isinstance(address, str):
            raise DeployError(f"{path.name}: {kind} must be an address")
    return Stage(
        name, region, architecture, **mail, parameters={kind: _parameters(path, kind, found) for kind in _STACKS}
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DeployError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise DeployError(f"{path.name} must be an object")
    return found


def _parameters(path: Path, kind: str, found: Mapping[str, Any]) -> dict[str, str]:
    given = found.get(kind, {})
    if not isinstance(given, dict) or not all(isinstance(value, str | int | float) for value in given.values()):
        raise DeployError(f"{path.name}: {kind} must be an object of texts and numbers")
    # CloudFormation spells the two truths like JSON, not like Python
    chosen = {name: json.dumps(value) if isinstance(value, bool) else str(value) for name, value in given.items()}
    wrong = faults(kind, chosen)
    if wrong:
        raise DeployError(f"{path.name}: {'; '.join(wrong)}")
    return chosen
