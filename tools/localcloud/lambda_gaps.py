"""Puts a function's own code before its layers in the emulated Lambda, as AWS does.

There `/var/task` is the first place that Python looks in, and `/opt/python` comes after it
(https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath); the emulator has it the
other way round.
"""

from ministack.core import lambda_runtime

_LAYERS_ARE_FIRST = "    _ms_install_invoke_depth()\n    try:\n        mod = importlib"
_CODE_IS_FIRST = f"    sys.path.insert(0, code_dir)\n{_LAYERS_ARE_FIRST}"


def install() -> None:
    """Change the program that runs Python functions. Raises RuntimeError if the emulator's is another one by now."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(_LAYERS_ARE_FIRST) != 1:
        raise RuntimeError("the emulator runs Python functions in another way: see tools/localcloud/lambda_gaps.py")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_LAYERS_ARE_FIRST, _CODE_IS_FIRST)
