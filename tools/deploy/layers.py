"""The Lambda layers of a stage: built when their lists changed, published when their content did."""

from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools import build_layers
from tools.deploy.errors import DeployError

OUT = build_layers.OUT


def built(architecture: str, out: Path = OUT) -> list[build_layers.Layer]:
    """Return the layers for an architecture, built if need be, that of our own code always.

    Raises DeployError if they cannot be built.
    """
    names = build_layers.LAYERS
    try:
        found = build_layers.current(names, architecture, out) or build_layers.build(names, architecture, out)
        return [*found, build_layers.build_code(architecture, out)]
    except build_layers.BuildError as error:
        raise DeployError(str(error)) from error


def layer_name(application: str, layer: build_layers.Layer) -> str:
    """Return what a layer is called in the account."""
    return f"{application}-{layer.key.replace('_', '-')}"


def names(application: str) -> list[str]:
    """Return what the layers of a stage may be called, for every architecture."""
    machines = (machine.replace("_", "-") for machine in sorted(build_layers.MACHINES))
    kinds = (*build_layers.LAYERS, build_layers.CODE)
    return [f"{application}-{kind}-{machine}" for machine in machines for kind in kinds]


def published(client: Any, name: str, layer: build_layers.Layer) -> str | None:
    """Return the ARN of the version that has exactly this content; None if there is none yet."""
    for page in client.get_paginator("list_layer_versions").paginate(LayerName=name):
        for version in page["LayerVersions"]:
            if version.get("Description") == layer.sha256:
                return str(version["LayerVersionArn"])
    return None


def publish(account: Any, application: str, layer: build_layers.Layer, bucket: str, out: Path = OUT) -> str:
    """Publish a layer through the deployment bucket, unless it is there already, and return its version's ARN.

    Earlier versions stay, for a rollback. Raises DeployError if Lambda does not take it.
    """
    client = account.client("lambda")
    name = layer_name(application, layer)
    found = published(client, name, layer)
    if found:
        return found
    key = f"layers/{layer.file}"
    account.client("s3").upload_file(str(out / layer.file), bucket, key)
    try:
        made = client.publish_layer_version(
            LayerName=name,
            # the content's digest: by it a version is found again
            Description=layer.sha256,
            Content={"S3Bucket": bucket, "S3Key": key},
            CompatibleRuntimes=[f"python{'.'.join(map(str, build_layers.DEPLOYED))}"],
            CompatibleArchitectures=[layer.architecture],
        )
    except ClientError as error:
        raise DeployError(f"layer {name}: {error}") from error
    return str(made["LayerVersionArn"])
