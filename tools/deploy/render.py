"""Renders .chalice/config.json and the policies beside it, for one stage, from what its base stack gave out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.settings import Settings
from tools import build_layers
from tools.deploy.account import Account
from tools.deploy.errors import DeployError
from tools.deploy.stage import Stage
from tools.localcloud.environment import ONE_THREAD, default_variables, variable_name
from tools.policies import render as render_policy

TEMPLATE = "config.template.json"
CONFIG = "config.json"


def environment(
    account: Account, outputs: Mapping[str, str], public_base_url: str, contact_email: str = "", mail_from: str = ""
) -> dict[str, str]:
    """Return the functions' environment: a variable for each field of their settings, and the path to their endpoint.

    Raises DeployError, naming it, for a setting that nothing gives.
    """
    pool = outputs["UserPoolId"]
    cognito = f"https://cognito-idp.{account.region}.amazonaws.com"
    known = default_variables() | {variable_name(name): value for name, value in outputs.items()}
    known |= {
        "CARA_PUBLIC_BASE_URL": public_base_url,
        "CARA_MEDIA_BASE_URL": public_base_url,
        "CARA_CONTACT": f"mailto:{contact_email}" if contact_email else public_base_url,
        "CARA_MAIL_FROM": mail_from,
        "CARA_MODELS_FOLDER": build_layers.MODELS_PACKAGE,
        "CARA_COGNITO_ISSUER": f"{cognito}/{pool}",
        # an emulated AWS issues tokens under the name that AWS would use, and publishes its keys under its own
        "CARA_COGNITO_ENDPOINT": account.endpoint or cognito,
        "CARA_COGNITO_JWKS_URL": f"{account.endpoint or cognito}/{pool}/.well-known/jwks.json",
    }
    wanted = [f"CARA_{name.upper()}" for name in Settings.__annotations__]
    missing = [name for name in wanted if name not in known]
    if missing:
        raise DeployError(f"nothing gives {', '.join(missing)}: base.yaml needs an output, or tools/deploy a value")
    return {name: known[name] for name in wanted} | ONE_THREAD


def stage_config(
    template: Mapping[str, Any], stage: Stage, variables: Mapping[str, str], layers: Mapping[str, str]
) -> dict[str, Any]:
    """Return the stage's part of Chalice's configuration.

    `layers` are ARNs by name. Chalice ignores variables and tags of a function outside of a stage, and a function's
    layers replace those of its stage: so everything stands here, spelled out for each function.
    """
    functions = {
        name: {
            **{key: value for key, value in chosen.items() if key != "policy"},
            "iam_policy_file": f"policies/{stage.name}/{name}.json",
            "layers": [layers[layer] for layer in chosen["layers"]],
        }
        for name, chosen in template["lambda_functions"].items()
    }
    shared = {key: value for key, value in template.items() if key not in {"version", "app_name", "lambda_functions"}}
    return {
        **shared,
        "lambda_architecture": stage.architecture,
        "environment_variables": dict(variables),
        "tags": {"application": "cara", "stage": stage.name},
        "lambda_functions": functions,
    }


def write(
    folder: Path, stage: Stage, outputs: Mapping[str, str], variables: Mapping[str, str], layers: Mapping[str, str]
) -> bool:
    """Write the stage into the folder `.chalice` and tell whether anything changed. Other stages stay as they are."""
    template = json.loads((folder / TEMPLATE).read_text(encoding="utf-8"))
    config = _read(folder / CONFIG) or {"version": template["version"], "app_name": template["app_name"], "stages": {}}
    config["stages"][stage.name] = stage_config(template, stage, variables, layers)
    changed = _put(folder / CONFIG, config)
    for name, chosen in template["lambda_functions"].items():
        policy = _policy(chosen["policy"], outputs)
        changed |= _put(folder / "policies" / stage.name / f"{name}.json", policy)
    return changed


def _policy(name: str, outputs: Mapping[str, str]) -> dict[str, Any]:
    try:
        return render_policy(name, outputs)
    except KeyError as error:
        raise DeployError(f"infra/policies/{name}.json asks for {error}, which base.yaml does not give out") from error


def _read(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        dict(found["stages"])
    except (ValueError, KeyError, TypeError) as error:
        raise DeployError(f"{path} is not what was written there: remove it ({type(error).__name__})") from error
    return found


def _put(path: Path, content: Mapping[str, Any]) -> bool:
    text = json.dumps(content, indent=2) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
    return True
