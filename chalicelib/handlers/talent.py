"""Artists who look for work, for verified studios."""

from chalicelib.composition import talent_search
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import next_link, position_in
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.talent import TalentList, TalentQuery, talent_answer
from chalicelib.settings import settings

routes = Routes(__name__)

_PLACE = r"[0-9a-f]{16}\|[0-2]\|(?:[0-9a-f]{16})?"


@routes.operation(
    "GET",
    "/v1/talent",
    summary="Artists who look for work, for members of verified studios",
    auth="required",
    query=TalentQuery,
    answer=TalentList,
    errors=(400, 403),
)
def find_talent(request: ApiRequest[None, TalentQuery]) -> Answer:
    """Return a page of artists; a first page begins anywhere, so that everyone comes first as often as others."""
    query = request.query
    scope = f"talent {query.model_dump_json(exclude={'limit', 'cursor'})} for {request.account}"
    position = position_in(scope, query.cursor, _PLACE)
    found = talent_search().find(request.account, query.wanted(), limit=query.limit, position=position)
    cursor = cursors.encode(scope, found.position)
    items = [talent_answer(each, settings().media_base_url) for each in found.talents]
    body = TalentList(items=items, next_cursor=cursor, total=found.total)
    return Answer(body, headers={**PRIVATE, **next_link(request.path, query, cursor)})
