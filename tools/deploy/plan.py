"""What a deployment would change, found out without changing anything."""

import json
from collections.abc import Iterator
from difflib import unified_diff

from tools.deploy import layers, render
from tools.deploy.errors import DeployError
from tools.deploy.steps import Deployment, check_prerequisites, config_of, parameters, template

_UNKNOWN = "known after the first deployment"


def plan(run: Deployment) -> None:
    """Print what each step of a deployment would change."""
    run.known()
    for title, lines in (
        ("Prerequisites", check_prerequisites(run)),
        ("Stack base", _stack(run, "base")),
        ("Layers", _layers(run)),
        ("Chalice's configuration", _config(run)),
        ("Functions and API", iter(["chalice deploy uploads the code of all functions each time"])),
        ("Stack bindings", _stack(run, "bindings")),
        *([("Stack budget", _stack(run, "budget"))] if run.stage.alarm_email else []),
        ("Stack edge", _stack(run, "edge")),
    ):
        run.say(f"\n{title}")
        for line in lines:
            run.say(f"  {line}")
    for warning in run.warnings:
        run.say(f"\nNote: {warning}")


def _stack(run: Deployment, kind: str) -> Iterator[str]:
    if kind != "base" and not run.base:
        yield f"to be made; its parameters are {_UNKNOWN}"
        return
    if kind == "edge":
        run.api_id = run.api_id or _api_id(run)
        if not run.api_id:
            yield f"to be made; its parameters are {_UNKNOWN}"
            return
    changes = run.stacks(kind).plan(run.stage.stack(kind), template(kind), parameters(kind, run))
    yield from (str(change) for change in changes)
    if not changes:
        yield "nothing"


def _api_id(run: Deployment) -> str:
    pages = run.account.client("apigateway").get_paginator("get_rest_apis").paginate()
    return next((api["id"] for page in pages for api in page["items"] if api["name"] == run.stage.application), "")


def _layers(run: Deployment) -> Iterator[str]:
    client = run.account.client("lambda")
    for layer in layers.built(run.stage.architecture):
        name = layers.layer_name(run.stage.application, layer)
        found = layers.published(client, name, layer)
        run.layer_arns[layer.layer] = found or f"{name}: {_UNKNOWN}"
        yield f"{name}: {'as it is' if found else f'a new version, {layer.zipped_bytes / 2**20:.1f} MB'}"


def _config(run: Deployment) -> Iterator[str]:
    if not run.base:
        yield f"to be rendered; the names in it are {_UNKNOWN}"
        return
    try:
        source = json.loads((run.folder / render.TEMPLATE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DeployError(f".chalice/{render.TEMPLATE}: {error}") from error
    stage = run.stage
    variables = render.environment(run.account, run.base, run.origin, stage.contact_email, stage.mail_from)
    wanted = render.stage_config(source, run.stage, variables, run.layer_arns)
    before, after = (json.dumps(each, indent=2, sort_keys=True).splitlines() for each in (config_of(run), wanted))
    lines = [
        line for line in unified_diff(before, after, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))
    ]
    yield from lines or ["nothing"]
