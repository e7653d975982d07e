"""What of the edge stands in the emulated account: a distribution to name in invalidations, and the key of addresses.

The distribution serves nothing, the stand-in does (cdn.py). What is invalidated can be read back from it.
"""

from typing import Any

from botocore.exceptions import ClientError

from tools import link_keys

KEY_PAIR_ID = "SignerA"
"""How the stand-in calls the public key: by its resource in infra/edge.yaml."""


def ensure_edge(clients: link_keys.Clients, outputs: dict[str, str]) -> str:
    """Make what is missing, tell the functions of it, and return the public key (PEM).

    The base stack is deployed before; what it would say of the distribution is put into its outputs here.
    """
    client = clients.client("cloudfront")
    known = link_keys.told(clients, outputs).get("distribution", "")
    if not (known and _exists(client, known)):
        known = client.create_distribution(DistributionConfig=_config())["Distribution"]["Id"]
    outputs["DistributionArn"] = client.get_distribution(Id=known)["Distribution"]["ARN"]
    link_keys.tell(clients, outputs, distribution=known, key_pair_id=KEY_PAIR_ID)
    return link_keys.ensure(clients, outputs)


def _exists(client: Any, distribution: str) -> bool:
    try:
        client.get_distribution(Id=distribution)
    except ClientError:
        return False
    return True


def _config() -> dict[str, Any]:
    origin = {"Id": "stand-in", "DomainName": "cara.invalid", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    return {
        "CallerReference": "cara-local",
        "Comment": "stands for tools/localcloud/cdn.py",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "stand-in", "ViewerProtocolPolicy": "https-only"},
    }
