from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.corpus.gif_files import canvas, frame
from tests.corpus.pictures import animation, artwork, encoded
from tests.unit.imaging.helpers import largest, opened, pixels, protected


def frames_of(data: bytes) -> list[tuple[np.ndarray, int]]:
    shown = []
    with Image.open(BytesIO(data)) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            image.load()
            shown.append((np.asarray(image.convert("RGBA"), np.int16), round(image.info["duration"])))
    return shown


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "AVIF"])
def test_frames_and_their_times_are_kept(name: str) -> None:
    durations = [50, 100, 200, 700, 90]
    picture = protected(animation(name, frames=5, size=(400, 300), duration=durations))
    assert picture.frames == 5
    animated = [item for item in picture.renditions if item.animated]
    assert [(item.format, item.width) for item in animated] == [("webp", 400), ("webp", 320)]
    assert [duration for _, duration in frames_of(animated[0].data)] == durations
    for index, (shown, _) in enumerate(frames_of(animated[0].data)):
        expected = np.asarray(artwork(400, 300, seed=index), np.int16)
        assert np.abs(shown[..., :3] - expected).mean() < 14, index


def test_a_still_of_the_first_frame_comes_with_each_size() -> None:
    picture = protected(animation("GIF", size=(700, 500)))
    posters = [item for item in picture.renditions if not item.animated]
    assert [(item.format, item.width) for item in posters] == [("jpeg", 700), ("jpeg", 640), ("jpeg", 320)]
    assert np.abs(pixels(posters[0]) - np.asarray(artwork(700, 500, seed=0), np.int16)).mean() < 14


@pytest.mark.parametrize(
    ("name", "options", "plays"),
    [
        ("GIF", {"loop": 0}, 0),
        ("GIF", {"loop": 2}, 3),  # repeated twice after the first time
        ("GIF", {}, 1),
        ("WEBP", {"loop": 4}, 4),
        ("PNG", {"loop": 2}, 2),
    ],
)
def test_how_often_it_plays_is_kept(name: str, options: dict[str, Any], plays: int) -> None:
    rendition = largest(protected(animation(name, duration=50, **options)), "webp")
    assert opened(rendition).info["loop"] == plays


def test_hasty_frames_are_slowed_as_browsers_do() -> None:
    rendition = largest(protected(animation("WEBP", frames=3, duration=[1, 10, 11])), "webp")
    assert [duration for _, duration in frames_of(rendition.data)] == [100, 100, 11]


def test_large_animations_are_shown_smaller() -> None:
    picture = protected(animation("WEBP", frames=2, size=(1500, 900), duration=50))
    assert [(item.width, item.height) for item in picture.renditions if item.animated] == [
        (1280, 768),
        (640, 384),
        (320, 192),
    ]
    assert (picture.width, picture.height) == (1500, 900)


def test_a_frame_disposed_of_leaves_transparency() -> None:
    first = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    first.paste((255, 0, 0, 255), (0, 0, 30, 48))
    second = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    second.paste((0, 0, 255, 255), (20, 10, 40, 30))
    data = encoded(first, "GIF", save_all=True, append_images=[second], duration=50, disposal=2)
    (_, _), (shown, _) = frames_of(largest(protected(data), "webp").data)
    assert shown[2, 2, 3] == 0
    assert np.abs(shown[20, 30] - (0, 0, 255, 255)).max() < 20


def test_three_hundred_frames_pass() -> None:
    assert protected(canvas(2, 2) + frame() * 300 + b";").frames == 300


def test_an_animation_of_one_frame_is_a_still() -> None:
    picture = protected(animation("GIF", frames=1))
    assert picture.frames == 1
    assert {item.format for item in picture.renditions} == {"avif", "webp", "jpeg"}


def test_the_same_animation_gives_the_same_files() -> None:
    data = animation("GIF", duration=50)
    assert protected(data) == protected(data)
