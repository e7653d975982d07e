"""The environment of a process: names of the stage's resources, endpoints, and the credentials of one identity."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tools.localcloud.config import REGION, ROOT


@dataclass(frozen=True, slots=True)
class Credentials:
    """Long-lived credentials of one identity of the emulated AWS."""

    access_key_id: str
    secret_access_key: str


ROOT_CREDENTIALS = Credentials("test", "test")
"""Who may do everything in the emulated AWS: for setting it up and for tests, never for the application."""

ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""For numpy, before it is imported: its threads wait for each other at full speed; a cloak took 2.5 times the CPU."""

_LOOPBACK = "127.0.0.1,localhost"


def variable_name(output: str) -> str:
    """Return the variable of a stack output: `ProfilesTable` is `CARA_PROFILES_TABLE`."""
    return "CARA_" + re.sub(r"(?<!^)(?=[A-Z])", "_", output).upper()


def default_variables() -> dict[str, str]:
    """Return the settings that have a default, as .chalice/config.template.json gives them."""
    template = json.loads((ROOT / ".chalice" / "config.template.json").read_text(encoding="utf-8"))
    return dict(template["environment_variables"])


def application_environment(outputs: Mapping[str, str], *, endpoint: str, base_url: str) -> dict[str, str]:
    """Return every variable of the application except its credentials.

    `outputs` are those of the base stack, `endpoint` is where the emulated AWS answers, `base_url` where the API does.
    Settings that have a default can be given by this process's own environment.
    """
    pool = outputs["UserPoolId"]
    return {
        **{name: os.environ.get(name, value) for name, value in default_variables().items()},
        **{variable_name(name): value for name, value in outputs.items() if not name.endswith("Arn")},
        "CARA_PUBLIC_BASE_URL": base_url,
        "CARA_MEDIA_BASE_URL": base_url,
        "CARA_CONTACT": base_url,
        "CARA_MODELS_FOLDER": str(ROOT / ".local" / "models"),
        "CARA_COGNITO_ENDPOINT": endpoint,
        # The emulator issues tokens under the name that AWS would use; only the keys are fetched from here.
        "CARA_COGNITO_ISSUER": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}",
        "CARA_COGNITO_JWKS_URL": f"{endpoint}/{pool}/.well-known/jwks.json",
        "AWS_ENDPOINT_URL": endpoint,
        **ONE_THREAD,
    }


def credential_environment(credentials: Credentials) -> dict[str, str]:
    """Return the variables by which every AWS client of a process takes `credentials` and no others."""
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def clean_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return `environ` without what would lead an AWS client elsewhere: profiles, other credentials, proxies."""
    kept = {name: value for name, value in environ.items() if not name.startswith("AWS_")}
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, (kept.get(name), _LOOPBACK)))
    return kept
