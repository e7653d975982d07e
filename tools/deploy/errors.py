"""The one error of a deployment that people read."""


class DeployError(Exception):
    """A step cannot go on. The message is for whoever runs the command, and says what to do where that is known."""
