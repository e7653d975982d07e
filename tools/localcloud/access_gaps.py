"""Has the emulated IAM ask of several messages in a call of SQS what AWS asks: the permission for one.

There is no such action as `sqs:SendMessageBatch`
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html); the
emulator takes the name of each operation for that of an action.
"""

from typing import Any

from ministack.core import iam_actions

_ACTIONS = {
    f"sqs:{operation}Batch": f"sqs:{operation}"
    for operation in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
}


def install() -> None:
    """Change what the emulator takes an operation's action for."""
    of_operation = iam_actions.extract_iam_action

    def of_action(*request: Any) -> str | None:
        found = of_operation(*request)
        return _ACTIONS.get(found, found) if found else None

    iam_actions.extract_iam_action = of_action
