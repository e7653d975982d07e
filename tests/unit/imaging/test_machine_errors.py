import errno
import warnings

import pytest
from PIL import Image

from chalicelib.domain.protection import PictureRejectedError
from chalicelib.imaging.decode import careful


def test_memory_errors_are_not_the_fault_of_the_picture() -> None:
    with pytest.raises(MemoryError), careful("decoding"):
        raise MemoryError


def test_a_decoder_out_of_memory_is_a_memory_error() -> None:
    with pytest.raises(MemoryError), careful("decoding"):
        raise OSError("out of memory when reading image file")


def test_errors_of_the_system_pass() -> None:
    with pytest.raises(OSError, match="No space"), careful("decoding"):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [OSError("truncated"), SyntaxError("x"), IndexError(), RuntimeError(), KeyError(7)])
def test_whatever_a_decoder_says_about_bytes_is_a_damaged_file(error: Exception) -> None:
    with pytest.raises(PictureRejectedError) as rejected, careful("decoding frame 2"):
        raise error
    assert (rejected.value.state, rejected.value.reason.code) == ("failed", "damaged-file")
    assert rejected.value.reason.evidence == ("decoding frame 2 failed",)


def test_nothing_global_is_left_changed() -> None:
    before = Image.MAX_IMAGE_PIXELS, warnings.filters[:]
    with careful("decoding"):
        warnings.warn("from a decoder", stacklevel=1)
    assert (Image.MAX_IMAGE_PIXELS, warnings.filters[:]) == before
