"""The child that serves HTTP: the CDN stand-in with its origins, on the socket that the supervisor bound."""

import logging
import os
import socket
import sys

from tools.edge_agents import read_agents, store
from tools.localcloud.cdn import Cdn
from tools.localcloud.config import ROOT
from tools.localcloud.edge_distribution import read_distribution
from tools.localcloud.edge_function import EdgeFunction
from tools.localcloud.edge_template import Template
from tools.localcloud.environment import Credentials
from tools.localcloud.gateway import BODY_LIMIT_BYTES, ApiGateway
from tools.localcloud.lifeline import die_with_parent
from tools.localcloud.media import MediaBucket
from tools.localcloud.server import Application, Server
from tools.localcloud.static import StaticFiles


def edge(
    *,
    api: Application,
    derivatives: Application,
    web: Application,
    base_url: str,
    endpoint: str,
    signer_key: str = "",
) -> Application:
    """Return the CDN as infra/edge declares it, in front of these origins.

    `base_url` is the origin that people see, `endpoint` where the emulated AWS answers, `signer_key` the public key
    (PEM) of addresses below /held/. Raises EdgeError if what is declared cannot be done here.
    """
    distribution = read_distribution(Template({"PublicBaseUrl": base_url, "SignerKeyA": signer_key}), endpoint)
    function = EdgeFunction(store(read_agents(), base_url))
    return Cdn(distribution, function, {"api": api, "derivatives": derivatives, "web": web}, base_url).answer


def main() -> None:
    """Serve until SIGTERM."""
    die_with_parent(int(os.environ["CARA_PARENT"]))
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    # Chalice and its libraries say at this level what the access log says already.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    base_url, endpoint = os.environ["CARA_PUBLIC_BASE_URL"], os.environ["AWS_ENDPOINT_URL"]

    from app import app

    pictures = MediaBucket(
        bucket=os.environ["CARA_DERIVATIVES_BUCKET"],
        endpoint=endpoint,
        base_url=base_url,
        credentials=Credentials(os.environ["CARA_CDN_ACCESS_KEY_ID"], os.environ["CARA_CDN_SECRET_ACCESS_KEY"]),
    )
    application = edge(
        api=ApiGateway(app, base_url).answer,
        derivatives=pictures.answer,
        web=StaticFiles(ROOT / "web", base_url).answer,
        base_url=base_url,
        endpoint=endpoint,
        signer_key=os.environ["CARA_SIGNER_PUBLIC_KEY"],
    )
    listening = socket.socket(fileno=int(os.environ["CARA_LISTEN_FD"]))
    Server(listening, application, base_url=base_url, limit=BODY_LIMIT_BYTES).serve_forever()


if __name__ == "__main__":
    main()
