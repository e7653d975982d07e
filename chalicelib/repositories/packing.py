"""Packed attributes: JSON that is deflated against a dictionary of what it always holds, so that many fit a read unit.

A page of 20 items costs one read unit below 400 bytes an item; a card takes some 850 as JSON and 300 packed.
"""

import base64
import zlib
from functools import cache, cached_property
from typing import Any

from pydantic import TypeAdapter
from pynamodb.attributes import Attribute
from pynamodb.constants import BINARY

from chalicelib.domain.cards import SharedCard

_RAW_DEFLATE = -15
_FORMAT = b"\x01"
"""First byte of what is packed; another dictionary is another format, and what was packed before stays readable."""

CARD_DICTIONARY = (
    b"abstract animals anime-manga architecture backgrounds cartoon city comics creatures cute cyberpunk dark "
    b"editorial fan-art fantasy folklore food game-art historical horror humor ink interior landscape watercolor "
    b"mythology nature oil-painting original-character photography pixel-art portrait sci-fi sketch sketchbook "
    b"still-life study surrealism character-design concept-art digital-painting drawing illustration "
    b'"visibility":"followers","visibility":"unlisted","visibility":"private","portfolio":false,'
    b'"focus":[0.5,0.5]"data_mining":"all","data_mining":"allowed","ai_disclosure":"assisted","ai_disclosure":"none",'
    b'"content_warnings":["nudity","gore","violence"],"cover":null,"protected":true'
    b'{"card":{"post_id":"01M8","title":"","state":"published","visibility":"public","portfolio":true,'
    b'"published_at":"2026-12-01T00:00:00.000Z","created_at":"2027-01-01T00:00:00.000Z","media_count":1,'
    b'"content_warnings":[],"cover":{"media_id":"01M8","width":2048,"height":1365,"blurhash":"L","alt":"the with of",'
    b'"thumbnails":[[320,213,"webp",".webp"],[213,320,"webp",".webp"],[320,320,"webp",".webp"],'
    b'[427,640,"webp",".webp"],[640,427,"webp",".webp"]],"data_mining":"ai-training","focus":null},"ai_disclosure":null,"tags":["'
    b'"]},"author":{"account_id":"","handle":"","display_name":"","protected":false}}'
)
"""What most cards hold, the most usual last. It never changes: cards are stored that only it can read."""

_NO_EXCERPT = b',"excerpt":""'
"""What every card with a cover would hold, and the dictionary does not know. No text has it: JSON escapes quotes."""


def pack(text: bytes, dictionary: bytes) -> bytes:
    """Return some text deflated against a dictionary."""
    work = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return _FORMAT + work.compress(text) + work.flush()


def unpack(packed: bytes, dictionary: bytes) -> bytes:
    """Return what was packed with the same dictionary.

    Raises:
        ValueError: it was packed in another format.
        zlib.error: it was not packed by :func:`pack`.
    """
    if packed[:1] != _FORMAT:
        raise ValueError(f"packed in an unknown format: {packed[:1]!r}")
    return zlib.decompressobj(_RAW_DEFLATE, dictionary).decompress(packed[1:])


class PackedAttribute[T](Attribute[T]):
    """A value of the domain, packed."""

    attr_type = BINARY

    def __init__(self, kind: Any, dictionary: bytes, **kwargs: Any) -> None:
        """Take the type of the value (a dataclass or anything pydantic reads) and the dictionary for its JSON."""
        super().__init__(**kwargs)
        self._kind, self._dictionary = kind, dictionary

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._kind)

    def serialize(self, value: T) -> bytes:
        """Pack a value."""
        return pack(self._adapter.dump_json(value), self._dictionary)

    def deserialize(self, value: bytes | str) -> T:
        """Read a value back, which streams hand on as base64."""
        packed = base64.b64decode(value) if isinstance(value, str) else value
        return self._adapter.validate_json(unpack(packed, self._dictionary))


@cache
def shared_cards() -> TypeAdapter[SharedCard]:
    """Return what reads and writes cards as JSON."""
    return TypeAdapter(SharedCard)


def card_json(card: SharedCard) -> bytes:
    """Return a card as JSON, without an excerpt where it has none."""
    return shared_cards().dump_json(card).replace(_NO_EXCERPT, b"", 1)


class SharedCardAttribute(PackedAttribute[SharedCard]):
    """The card of a post in somebody else's list."""

    def __init__(self, **kwargs: Any) -> None:
        """Take what every attribute takes."""
        super().__init__(SharedCard, CARD_DICTIONARY, **kwargs)

    def serialize(self, value: SharedCard) -> bytes:
        """Pack a card."""
        return pack(card_json(value), CARD_DICTIONARY)


COMMENT_DICTIONARY = (
    b"https://www. I think you could what about how did there would really because colours composition shadows "
    b"amazing wonderful gorgeous beautiful fantastic incredible Congratulations Thank you so much! Thanks for sharing "
    b"love how the light this is one of your best the details are I love the way you with and that it's "
    b'"parent_author_id":"","mentions":[{"account_id":"","handle":""},{"account_id":"","handle":""}]'
    b'{"post_author_id":"","author":{"account_id":"","handle":"","display_name":"","protected":false},"text":"",'
    b'"parent_author_id":null,"mentions":[]}'
)
"""What comments hold and say most. It never changes: comments are stored that only it can read."""

NOTICE_DICTIONARY = (
    b"submitted: interview: declined: offered: hired: shortlisted: Artist Senior Junior Illustrator Designer Untitled "
    b'"applications/01M","jobs/01M8","media/01M","conversations/","/applications","studios/","comments/01M8",'
    b'null],"all"]],"allowed"]],0,0,320,320,213,"webp","ai-training"]],["01M8",null],["01M9",1,null]],1,true,2,false,'
    b'"posts/01M8","posts/01M9",""]'
)
"""What lines of notifications hold most. It never changes: lines are stored that only it can read."""
