"""One logger for all functions: JSON lines with the request's id. No token, e-mail address or text of users in it."""

import logging

from aws_lambda_powertools import Logger

logger = Logger(service="cara")

# services and the domain log by the standard library, which they may know: it writes the same lines
_package = logging.getLogger("chalicelib")
_package.handlers = [logger.registered_handler]
_package.setLevel(logging.INFO)
_package.propagate = False


def begin_request(request_id: str) -> None:
    """Let every line of this thread carry the id that the client is given."""
    logger.thread_safe_append_keys(request_id=request_id)
