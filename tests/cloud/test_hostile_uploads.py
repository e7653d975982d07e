"""Every hostile or broken file, uploaded for real, ends in the state it should."""

from concurrent.futures import ThreadPoolExecutor

from tests.corpus.hostile import HostileCase, hostile_files
from tests.support.artist import Artist
from tests.support.processes import PlatformProcess


def test_every_hostile_file_ends_in_a_clear_state(platform: PlatformProcess) -> None:
    artist = Artist(platform)
    cases = hostile_files()
    assert len(cases) >= 60

    def upload(case: HostileCase) -> str | None:
        data = case.make()
        return artist.upload(data, case.content_type) if data else None

    with ThreadPoolExecutor(4) as pool:
        media = dict(zip(cases, pool.map(upload, cases), strict=True))
    wrong = {}
    for case, media_id in media.items():
        if media_id is None:
            continue  # an empty file cannot be announced
        found = artist.final_media(media_id, 240)
        ended = (found["state"], (found["reason"] or {}).get("code"))
        if ended != (case.state, case.code):
            wrong[case.name] = ended
        if case.state == "ready":
            assert found["renditions"]
        else:
            assert len(found["reason"]["message"]) > 20
            assert found["renditions"] == []
    assert wrong == {}
