"""One logger for all functions: JSON lines with the request's ids. No token, e-mail address or text of users in it.

The line that tells of a whole invocation is written by :mod:`chalicelib.invocations`.
"""

import logging

from aws_lambda_powertools import Logger

from chalicelib.domain import telemetry

logger = Logger(service="cara", utc=True, use_rfc3339=True)

# services and the domain log by the standard library, which they may know: it writes the same lines
_package = logging.getLogger("chalicelib")
_package.handlers = [logger.registered_handler]
_package.setLevel(logger.log_level)
_package.propagate = False


class _Keys(logging.Filter):
    """Gives each line the keys of the work that it tells of; what a line says itself comes first."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in telemetry.keys().items():
            if record.__dict__.get(name) is None:
                record.__dict__[name] = value
        return True


logger.registered_handler.addFilter(_Keys())
