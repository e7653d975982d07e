"""The child that serves HTTP: the API, the CDN stand-in and the web client, on the socket that the supervisor bound."""

import logging
import os
import socket
import sys

from tools.localcloud.config import ROOT
from tools.localcloud.environment import Credentials
from tools.localcloud.gateway import BODY_LIMIT_BYTES, ApiGateway
from tools.localcloud.lifeline import die_with_parent
from tools.localcloud.media import MediaCdn
from tools.localcloud.messages import Answer, Request, problem
from tools.localcloud.server import Application, Server
from tools.localcloud.static import StaticFiles


def routes(*, api: Application, media: Application, static: Application, base_url: str) -> Application:
    """Return the application that sends each path where CloudFront would."""

    def application(request: Request) -> Answer:
        path = request.path
        if not path.startswith("/") or path.startswith("//"):
            return problem(base_url, 404, "not-found")
        if path == "/v1" or path.startswith("/v1/"):
            return api(request)
        if path == "/media" or path.startswith("/media/"):
            return media(request)
        return static(request)

    return application


def main() -> None:
    """Serve until SIGTERM."""
    die_with_parent(int(os.environ["CARA_PARENT"]))
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    # Chalice and its libraries say at this level what the access log says already.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    base_url = os.environ["CARA_PUBLIC_BASE_URL"]

    from app import app

    application = routes(
        api=ApiGateway(app, base_url).answer,
        media=MediaCdn(
            bucket=os.environ["CARA_DERIVATIVES_BUCKET"],
            endpoint=os.environ["AWS_ENDPOINT_URL"],
            base_url=base_url,
            credentials=Credentials(os.environ["CARA_CDN_ACCESS_KEY_ID"], os.environ["CARA_CDN_SECRET_ACCESS_KEY"]),
        ).answer,
        static=StaticFiles(ROOT / "web", base_url).answer,
        base_url=base_url,
    )
    listening = socket.socket(fileno=int(os.environ["CARA_LISTEN_FD"]))
    Server(listening, application, base_url=base_url, limit=BODY_LIMIT_BYTES).serve_forever()


if __name__ == "__main__":
    main()
