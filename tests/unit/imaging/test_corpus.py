import pytest

from chalicelib.domain.protection import PictureRejectedError
from chalicelib.domain.screening import NOTHING
from tests.corpus.hostile import HostileCase, hostile_files
from tests.unit.imaging.helpers import protected

CASES = hostile_files()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_upload_comes_to_its_end(case: HostileCase) -> None:
    data = case.make()
    assert len(data) < 5_000_000
    state, code, message = "ready", None, None
    try:
        picture = protected(data)
        assert picture.renditions
        assert picture.screening == NOTHING
        assert max(max(item.width, item.height) for item in picture.renditions) <= 2048
    except PictureRejectedError as error:
        state, code = error.state, error.reason.code
        message = error.reason.message
    assert message is None or "lease" in message  # what is wrong, and what to do
    assert (state, code) == (case.state, case.code)


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", [case for case in CASES if case.state == "ready"][::7], ids=str)
def test_files_are_the_same_each_time(case: HostileCase) -> None:
    assert case.make() == case.make()
