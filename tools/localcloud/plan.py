"""What the local cloud consists of: parameters of the stack, and each child with its environment."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from chalicelib.settings import FUNCTION_TIMEOUT_SECONDS
from tools.localcloud.children import Child
from tools.localcloud.cloud import touched
from tools.localcloud.config import REGION, STAGE, LocalConfig
from tools.localcloud.environment import ROOT_CREDENTIALS, Credentials, clean_environment, credential_environment


def root_session() -> boto3.Session:
    """Return a session that may do everything in the emulated AWS."""
    return boto3.Session(ROOT_CREDENTIALS.access_key_id, ROOT_CREDENTIALS.secret_access_key, region_name=REGION)


@dataclass(frozen=True, slots=True)
class EmulatedClients:
    """Clients of the emulated AWS that may do everything."""

    session: boto3.Session
    endpoint: str

    def client(self, service: str) -> Any:
        """Return a client; typed as anything, since each has methods of its own."""
        return self.session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]  # any name


def stack_parameters(config: LocalConfig) -> dict[str, str]:
    """Return the parameters of the base stack that differ from AWS."""
    return {
        "Stage": STAGE,
        "ProtectVisibilitySeconds": str(config.protect_visibility_seconds),
        "ProtectMaxReceives": str(config.protect_max_receives),
        "WebOrigin": config.base_url,
    }


def application_children(
    config: LocalConfig,
    variables: Mapping[str, str],
    identities: Mapping[str, Credentials],
    listening: socket.socket,
) -> list[Child]:
    """Return the children that run the application, each with the credentials of its own identity."""

    def environ(identity: str, **more: str) -> dict[str, str]:
        return {**clean_environment(), **variables, **credential_environment(identities[identity]), **more}

    cdn, poller = identities["cdn"], identities["poller"]
    web = environ(
        "api",
        CARA_LISTEN_FD=str(listening.fileno()),
        CARA_CDN_ACCESS_KEY_ID=cdn.access_key_id,
        CARA_CDN_SECRET_ACCESS_KEY=cdn.secret_access_key,
    )

    def polled(function: str, handler: str, seconds: int = FUNCTION_TIMEOUT_SECONDS, **more: str) -> dict[str, str]:
        return environ(
            function,
            CARA_POLLER_ACCESS_KEY_ID=poller.access_key_id,
            CARA_POLLER_SECRET_ACCESS_KEY=poller.secret_access_key,
            CARA_FUNCTION=function,
            CARA_HANDLER=os.environ.get(f"CARA_{function.upper()}_HANDLER", f"chalicelib.triggers.{handler}"),
            CARA_FUNCTION_TIMEOUT_SECONDS=str(seconds),
            **more,
        )

    dispatcher = polled(
        "protect_image",
        "uploads:protect_image",
        config.protect_timeout_seconds,
        CARA_POLLED_QUEUE_URL=variables["CARA_PROTECT_QUEUE_URL"],
    )
    errands = polled("run_errands", "errands:run_errands", CARA_POLLED_QUEUE_URL=variables["CARA_ERRAND_QUEUE_URL"])
    follower = polled(
        "follow_changes",
        "changes:follow_changes",
        CARA_POSITIONS_FILE=str(config.directory / "cloud" / "positions.json"),
        CARA_TOUCHED_FILE=str(touched(config.directory)),
    )
    scheduler = environ("sweep", CARA_SWEEP_SECONDS=str(config.sweep_seconds))
    return [
        Child("web", "tools.localcloud.web", web, config.logs, pass_fds=(listening.fileno(),)),
        *(
            Child(f"dispatcher-{number + 1}", "tools.localcloud.dispatcher", dispatcher, config.logs)
            for number in range(config.protect_concurrency)
        ),
        Child("errands", "tools.localcloud.dispatcher", errands, config.logs),
        Child("follower", "tools.localcloud.follower", follower, config.logs),
        Child("scheduler", "tools.localcloud.scheduler", scheduler, config.logs),
    ]
