"""One logger for all functions: JSON lines with the request's id. No token, e-mail address or text of users in it."""

from aws_lambda_powertools import Logger

logger = Logger(service="cara")
