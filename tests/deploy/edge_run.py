"""The CDN's function with a store of its own, asked about one request at a time."""

from collections.abc import Mapping
from typing import Any

from tests.deploy.edge_clients import FIREFOX
from tools import edge_agents
from tools.localcloud.edge_event import viewer_request
from tools.localcloud.edge_function import EdgeFunction
from tools.localcloud.messages import Request

BASE_URL = "https://cara.example"
PICTURE = "/media/01JABCDEFGHJKMNPQRSTVWXYZ0/0123456789abcdef0123456789abcdef.webp"


class Edge:
    """The function as CloudFront would run it; `reads` is how often it read its store the last time."""

    def __init__(self, stored: Mapping[str, str] | None) -> None:
        self._function = EdgeFunction(stored)
        self.reads = 0

    def __call__(
        self, uri: str = PICTURE, agent: str | None = FIREFOX, *, query: str = "", cookie: str = "", **headers: str
    ) -> dict[str, Any]:
        """Return what it makes of a request; `headers` are named with _ for -."""
        sent = {"host": "cara.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if agent is not None:
            sent["user-agent"] = agent
        if cookie:
            sent["cookie"] = cookie
        request = Request("GET", f"{uri}?{query}", uri, sent, "192.0.2.1", bytes)
        outcome = self._function.run(viewer_request(request, "request-1"))
        self.reads = outcome.reads
        return outcome.answer


def pairs() -> dict[str, str]:
    """Return what the store holds."""
    return edge_agents.store(edge_agents.read_agents(), BASE_URL)


def refused(answer: Mapping[str, Any]) -> bool:
    """Whether the answer turns the client away."""
    return answer.get("statusCode") == 403
