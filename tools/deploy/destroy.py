"""Takes a stage down: everything that runs. What holds data stays."""

import sys
from typing import Any

from tools.deploy import functions, state
from tools.deploy.stage import EDGE_REGION, ROOT
from tools.deploy.steps import Deployment


def destroy(run: Deployment, *, confirmed: bool) -> int:
    """Remove edge, bindings, functions, API and layers of a stage, after asking, and return the exit code.

    The base stack stays, with tables, buckets, queues, the user pool and the key: a deployment finds them again.
    """
    run.known()
    name = run.stage.name
    if not run.base:
        run.say(f"There is no stage {name} in {run.account.id}, {run.account.region}.")
        return 0
    run.say(f"This takes down stage {name} in {run.account.id}, {run.account.region}: CDN, API and functions.")
    run.say("Its data stays: tables, buckets, queues, accounts and their key.")
    if not confirmed and not _agreed(name):
        run.say("Nothing was done.")
        return 1
    run.held.enter_context(state.locked(run.account, run.base["DeployBucket"]))
    if run.edge:
        _empty(run.account.client("s3", EDGE_REGION), run.edge["WebBucket"])
    for kind in ("edge", "budget", "bindings"):
        stacks = run.stacks(kind)
        run.say(f"  {kind}: {'deleted' if stacks.delete(run.stage.stack(kind)) else 'was not there'}")
    _delete_functions(run)
    run.say(f"Done. What is left: the stack {run.stage.stack('base')} and all it holds.")
    run.say(f"make deploy STAGE={name} brings the rest back. docs/operations.md says how to give up the data as well.")
    return 0


def _empty(client: Any, bucket: str) -> None:
    """Delete all versions of all objects: a stack deletes a bucket only when nothing is left in it."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if objects:
            client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


def _agreed(name: str) -> bool:
    if not sys.stdin.isatty():
        print("deploy: nobody can be asked here: give --yes to confirm (YES=1 for make)", file=sys.stderr)
        return False
    return input("Type the name of the stage to go on: ") == name


def _delete_functions(run: Deployment) -> None:
    bucket = run.base["DeployBucket"]
    if state.pull(run.account, run.stage, bucket, run.folder) is None:
        run.say("  functions: were not there")
    else:
        functions.chalice(ROOT, "delete", "--stage", run.stage.name, region=run.account.region)
    state.forget(run.account, run.stage, bucket, run.folder)
    client = run.account.client("lambda")
    prefix = f"{run.stage.application}-"
    for page in client.get_paginator("list_layers").paginate():
        for layer in page["Layers"]:
            if layer["LayerName"].startswith(prefix):
                _delete_versions(client, layer["LayerName"])
                run.say(f"  layer {layer['LayerName']}: deleted")


def _delete_versions(client: Any, name: str) -> None:
    for page in client.get_paginator("list_layer_versions").paginate(LayerName=name):
        for version in page["LayerVersions"]:
            client.delete_layer_version(LayerName=name, VersionNumber=version["Version"])
