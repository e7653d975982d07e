"""Takes a stage down: everything that runs. What holds data stays."""

import sys
from typing import Any

from tools import link_keys
from tools.deploy import functions, layers, state
from tools.deploy.errors import DeployError
from tools.deploy.stage import EDGE_REGION, ROOT
from tools.deploy.steps import Deployment


def destroy(run: Deployment, *, confirmed: bool) -> int:
    """Remove edge with its key, bindings, functions, API and layers of a stage, after asking; return the exit code.

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
    # a key whose public half the stage file names is one that ops chose: the next CDN is given that half again
    link_keys.forget(run.account, run.base, key=not run.stage.parameters["edge"].get("SignerKeyA"))
    run.say(f"Done. What is left: the stack {run.stage.stack('base')} and all it holds.")
    run.say(f"make deploy STAGE={name} brings the rest back. docs/operations.md says how to give up the data as well.")
    return 0


def _empty(client: Any, bucket: str) -> None:
    """Delete all versions of all objects: a stack deletes a bucket only when nothing is left in it."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if objects:
            failed = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors", [])
            if failed:
                raise DeployError(f"{bucket}: {failed[0]['Key']} could not be deleted: {failed[0].get('Message', '')}")


def _agreed(name: str) -> bool:
    if not sys.stdin.isatty():
        print("deploy: nobody can be asked here: give --yes to confirm (YES=1 for make)", file=sys.stderr)
        return False
    return input("Type the name of the stage to go on: ") == name


def _delete_functions(run: Deployment) -> None:
    bucket = run.base["DeployBucket"]
    found = state.pull(run.account, run.stage, bucket, run.folder)
    if found:
        _detach_policies(run.account.client("iam"), [each["role_name"] for each in found if "role_name" in each])
        functions.chalice(ROOT, "delete", "--stage", run.stage.name, region=run.account.region)
    else:
        run.say("  functions: were not there")
    left = state.pull(run.account, run.stage, bucket, run.folder)
    if left:
        raise DeployError(f"still there: {', '.join(each['name'] for each in left)}. Run it again")
    state.forget(run.account, run.stage, bucket, run.folder)
    client = run.account.client("lambda")
    for name in layers.names(run.stage.application):
        if _delete_versions(client, name):
            run.say(f"  layer {name}: deleted")


def _detach_policies(client: Any, roles: list[str]) -> None:
    """Detach what the budget may have attached: a role with a managed policy cannot be deleted."""
    for role in roles:
        for policy in client.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            client.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])


def _delete_versions(client: Any, name: str) -> bool:
    """Delete all versions of a layer and tell whether there were any."""
    found = False
    for page in client.get_paginator("list_layer_versions").paginate(LayerName=name):
        for version in page["LayerVersions"]:
            client.delete_layer_version(LayerName=name, VersionNumber=version["Version"])
            found = True
    return found
