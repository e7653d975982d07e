"""Muted tags and words."""

from chalicelib.composition import allow, muted_text_service
from chalicelib.domain.allowances import RELATIONS
from chalicelib.http.caching import PRIVATE
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty
from chalicelib.schemas.people import MutedText, MutedTextList, MuteQuery, muted_tag, muted_word
from chalicelib.services.muted_texts import TextKind

routes = Routes(__name__, allow=allow)

_DONE = Answer(None, status=204, headers=PRIVATE)


@routes.operation("GET", "/v1/me/muted_tags", summary="The muted tags", auth="required", answer=MutedTextList)
def list_muted_tags(request: ApiRequest[None, Empty]) -> Answer:
    """Return all muted tags."""
    return _listed(request, "tags")


@routes.operation(
    "PUT",
    "/v1/me/muted_tags/{tag}",
    summary="Mute a tag, for a while or for good",
    auth="required",
    query=MuteQuery,
    status=(204,),
    errors=(409,),
    limit=RELATIONS,
)
def mute_tag(request: ApiRequest[None, MuteQuery], tag: str) -> Answer:
    """Leave posts with it out of the account's lists."""
    muted_text_service().mute(request.account, "tags", muted_tag(tag), request.query.until)
    return _DONE


@routes.operation("DELETE", "/v1/me/muted_tags/{tag}", summary="Mute a tag no longer", auth="required", status=(204,))
def unmute_tag(request: ApiRequest[None, Empty], tag: str) -> Answer:
    """Take a mute back."""
    muted_text_service().unmute(request.account, "tags", muted_tag(tag))
    return _DONE


@routes.operation("GET", "/v1/me/muted_words", summary="The muted words", auth="required", answer=MutedTextList)
def list_muted_words(request: ApiRequest[None, Empty]) -> Answer:
    """Return all muted words."""
    return _listed(request, "words")


@routes.operation(
    "PUT",
    "/v1/me/muted_words/{word}",
    summary="Mute a word or phrase, for a while or for good",
    auth="required",
    query=MuteQuery,
    status=(204,),
    errors=(409,),
    limit=RELATIONS,
)
def mute_word(request: ApiRequest[None, MuteQuery], word: str) -> Answer:
    """Leave posts with it out of the account's lists."""
    muted_text_service().mute(request.account, "words", muted_word(word), request.query.until)
    return _DONE


@routes.operation(
    "DELETE", "/v1/me/muted_words/{word}", summary="Mute a word or phrase no longer", auth="required", status=(204,)
)
def unmute_word(request: ApiRequest[None, Empty], word: str) -> Answer:
    """Take a mute back."""
    muted_text_service().unmute(request.account, "words", muted_word(word))
    return _DONE


def _listed(request: ApiRequest[None, Empty], kind: TextKind) -> Answer:
    items = [MutedText(text=text, until=until) for text, until in muted_text_service().listed(request.account, kind)]
    return Answer(MutedTextList(items=items), headers=PRIVATE)
