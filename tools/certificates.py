"""Certificates for the key that signs Content Credentials; the key itself stays in KMS.

    .venv/bin/python tools/certificates.py request   --stage STAGE        # a request (PEM) for a certificate authority
    .venv/bin/python tools/certificates.py install   --stage STAGE FILE   # what the authority gave: a chain in PEM
    .venv/bin/python tools/certificates.py self-made --stage STAGE        # certificates that nobody else vouches for
    .venv/bin/python tools/certificates.py show      --stage STAGE        # what is installed

Exit status: 0 done; 1 it could not be done, with one line on standard error; 2 wrong usage.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.serialization import load_der_public_key

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # run as a file, Python looks beside this one only

from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402 - needs the line above

from tools.certificate_chain import CertificateError, checked, is_self_made, request, self_made_chain  # noqa: E402
from tools.deploy.account import default_region, open_account  # noqa: E402
from tools.deploy.errors import DeployError  # noqa: E402
from tools.deploy.stacks import Stacks  # noqa: E402
from tools.deploy.stage import read_stage  # noqa: E402
from tools.kms_key import KmsKey  # noqa: E402

KEY, PARAMETER = "SigningKeyId", "SigningCertificatesParameter"
"""Outputs of the base stack."""

NOTHING = "none"
"""What the base stack puts into the parameter."""


class Clients(Protocol):
    """Gives clients by service: an account, or a session with an endpoint."""

    def client(self, service: str) -> Any:
        """Return a client."""


def installed(clients: Clients, outputs: Mapping[str, str]) -> str | None:
    """Return the chain that is installed, None for none."""
    found = str(clients.client("ssm").get_parameter(Name=outputs[PARAMETER])["Parameter"]["Value"])
    return None if found == NOTHING else found


def install(clients: Clients, outputs: Mapping[str, str], chain: str) -> str:
    """Install a chain, if it fits the key, and return it. Raises CertificateError."""
    fitting = checked(chain, public_key(clients, outputs))
    # a chain of three is longer than what costs nothing
    clients.client("ssm").put_parameter(
        Name=outputs[PARAMETER], Value=fitting, Type="String", Tier="Intelligent-Tiering", Overwrite=True
    )
    return fitting


def ensure(clients: Clients, outputs: Mapping[str, str]) -> bool:
    """Install self-made certificates where none are, or none that fit; tell whether self-made ones are in use."""
    found = installed(clients, outputs)
    if found is None:
        found = install(clients, outputs, self_made_chain(public_key(clients, outputs)))
    return is_self_made(found)


def public_key(clients: Clients, outputs: Mapping[str, str]) -> ec.EllipticCurvePublicKey:
    """Return the public part of the key that signs."""
    answer = clients.client("kms").get_public_key(KeyId=outputs[KEY])
    key = load_der_public_key(answer["PublicKey"])
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise CertificateError("the key that signs is none of an elliptic curve")
    return key


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for and return the exit status."""
    parser = argparse.ArgumentParser(prog="certificates", description="Certificates for Content Credentials.")
    parser.add_argument("command", choices=("request", "install", "self-made", "show"))
    parser.add_argument("file", type=Path, nargs="?", help="of install: the chain in PEM")
    parser.add_argument("--stage", required=True, help="such as prod")
    options = parser.parse_args(arguments)
    if (options.command == "install") != (options.file is not None):
        parser.error("install takes a file, the others none")
    try:
        print(_do(options.command, options.stage, options.file).strip())
    except (CertificateError, DeployError, BotoCoreError, ClientError, OSError) as error:
        print(f"certificates: {error}", file=sys.stderr)
        return 1
    return 0


def _do(command: str, stage_name: str, file: Path | None) -> str:
    stage = read_stage(stage_name, default_region())
    account = open_account(stage.region)
    outputs = Stacks(account.client("cloudformation")).outputs(stage.stack("base"))
    if KEY not in outputs:
        raise DeployError(f"there is no stage {stage.name} in {account.id}, {account.region}, or one without this key")
    if command == "request":
        return request(KmsKey(account.client("kms"), outputs[KEY], public_key(account, outputs)))
    if command == "show":
        return installed(account, outputs) or "none"
    chain = file.read_text(encoding="utf-8") if file else self_made_chain(public_key(account, outputs))
    return install(account, outputs, chain)


if __name__ == "__main__":
    sys.exit(main())
