"""Ending mail by the link that stands in it, without signing in."""

from chalicelib.composition import job_letters
from chalicelib.handlers.showing import problem_page, site
from chalicelib.http.caching import PRIVATE
from chalicelib.http.routing import PAGE, Answer, ApiRequest, Routes
from chalicelib.pages.unsubscribe import unsubscribe_page
from chalicelib.schemas.base import Empty

routes = Routes(__name__, problem_page=problem_page)

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""What buttons of pages send, and those of mailboxes (RFC 8058, section 3.2)."""


def _page(*, ended: bool) -> Answer:
    document = unsubscribe_page(site(), ended=ended)
    # the address is a key: no page that is opened from here learns it
    headers = {**document.headers, **PRIVATE, "Referrer-Policy": "no-referrer", "Content-Type": document.content_type}
    return Answer(document.text, headers=headers)


@routes.operation(
    "GET",
    "/v1/unsubscribe/{key}",
    summary="The page that ends mail of job alerts, with a button",
    errors=(404,),
    produces=PAGE,
)
def ask(request: ApiRequest[None, Empty], key: str) -> Answer:
    """Show the button. Nothing is ended by this: programs open links of mails before people do."""
    del request
    return _page(ended=job_letters().holder(key).mail in {"unsubscribed", "complained"})


@routes.operation(
    "POST",
    "/v1/unsubscribe/{key}",
    summary="End mail of job alerts",
    errors=(404,),
    produces=PAGE,
    accepts=_FORMS,
)
def end(request: ApiRequest[None, Empty], key: str) -> Answer:
    """End it, at the page's button or at that of a mailbox (RFC 8058); once more changes nothing."""
    del request
    job_letters().unsubscribe(key)
    return _page(ended=True)
