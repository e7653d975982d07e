"""Stand-in for CloudFront: the function, the methods and the headers that infra/edge declares, in front of the origins.

Nothing is cached: each request reaches its origin. Nor are there TLS, compression and the firewall.
"""

import base64
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from tools.edge_agents import EdgeError
from tools.localcloud.edge_distribution import Behaviour, Distribution
from tools.localcloud.edge_event import generated, rewritten, viewer_request
from tools.localcloud.edge_function import EdgeFunction, FunctionError
from tools.localcloud.edge_signatures import refusal
from tools.localcloud.messages import REQUEST_ID_HEADER, Answer, Request, problem

_log = logging.getLogger(__name__)

_VIA = "1.1 localhost (stand-in for CloudFront)"


class Cdn:
    """Answers everything. Safe to use from many threads if the origins are."""

    def __init__(
        self,
        distribution: Distribution,
        function: EdgeFunction,
        origins: Mapping[str, Callable[[Request], Answer]],
        base_url: str,
    ) -> None:
        """Take the origins by the ids that `distribution` names. Raises EdgeError if one is missing."""
        missing = {each.origin for each in distribution.behaviours} - set(origins)
        if missing:
            raise EdgeError(f"nothing stands for the origins {', '.join(sorted(missing))}")
        self._distribution = distribution
        self._function = function
        self._origins = origins
        self._base_url = base_url

    def answer(self, request: Request) -> Answer:
        """Return what people get to see: an origin's answer, or one that was made on the way there."""
        started = time.perf_counter()
        request_id = base64.urlsafe_b64encode(os.urandom(40)).decode()
        answer, result = self._answer(request, request_id)
        answer.headers += [("Via", _VIA), ("X-Amz-Cf-Id", request_id)]
        # Fields as in CloudFront's access log. No query: it can carry what is nobody's business.
        line = {
            "x-edge-request-id": request_id,
            "c-ip": request.client,
            "cs-method": request.method,
            "cs-uri-stem": request.path,
            "cs(User-Agent)": request.headers.get("user-agent", "-"),
            "sc-status": answer.status,
            "time-to-first-byte": round(time.perf_counter() - started, 4),
            "x-edge-detailed-result-type": result,
        }
        _log.info("%s", json.dumps(line))
        return answer

    def _answer(self, request: Request, request_id: str) -> tuple[Answer, str]:
        if not request.path.startswith("/"):
            detail = "An address begins with a slash."
            return problem(self._base_url, 400, "malformed", detail, request_id=request_id), "InvalidRequest"
        behaviour = self._distribution.behaviour(request.path)
        if request.method not in behaviour.methods:
            # CloudFront says 403, not 405, and does not name those that are allowed.
            detail = "This distribution is not configured to allow the HTTP request method that was used."
            return problem(self._base_url, 403, "forbidden", detail, request_id=request_id), "InvalidRequestMethod"
        if behaviour.signers is not None:
            why = refusal(self._base_url + request.path, _query(request), behaviour.signers, time.time())
            if why is not None:
                detail = f"This address must be signed: {why}."
                return problem(self._base_url, 403, "forbidden", detail, request_id=request_id), why
        event = viewer_request(request, request_id)
        try:
            made = self._function.run(event).answer
        except FunctionError:
            _log.exception("the function failed at %s %s", request.method, request.path)
            failure = problem(self._base_url, 503, "temporarily-unavailable", request_id=request_id)
            return failure, "FunctionExecutionError"
        if "statusCode" in made:
            # It has its own headers: that a policy reaches it is promised nowhere.
            return generated(made), "FunctionGeneratedResponse"
        return self._ask_origin(behaviour, request, rewritten(request, event, made), request_id)

    def _ask_origin(
        self, behaviour: Behaviour, asked: Request, rewritten: Request, request_id: str
    ) -> tuple[Answer, str]:
        """Ask the origin of `behaviour`, which the original address chose, for the rewritten one."""
        headers = {**rewritten.headers, "via": _VIA, REQUEST_ID_HEADER: request_id}
        answer = self._origins[behaviour.origin](replace(rewritten, headers=headers))
        behaviour.decorate(asked, answer)
        return answer, "Error" if answer.status >= 400 else "Miss"


def _query(request: Request) -> str:
    return request.target.partition("?")[2]
