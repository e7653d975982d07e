"""What the applications table holds: applications, what was sent with them, changes, announced résumés, counts."""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from chalicelib.domain.applications import Application, ApplicationChange, ApplicationState, OwnLine
from chalicelib.repositories.connection import BaseModel, JsonAttribute
from chalicelib.repositories.people_cards import NamedCard
from chalicelib.settings import settings

type Card = tuple[NamedCard, ApplicationState, str, str, str | None, int, bool]
"""Of a list: who, state, when it was sent, changed, answered, how many pieces, whether there is a résumé."""


class _ByList(GlobalSecondaryIndex["ApplicationItem"]):
    class Meta:
        index_name = "by_list"
        projection = IncludeProjection(["card"])

    list = UnicodeAttribute(hash_key=True)
    rank = UnicodeAttribute(range_key=True)


class _Due(GlobalSecondaryIndex["ApplicationItem"]):
    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_bucket = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class ApplicationItem(BaseModel):
    """An item of the applications table, whichever: see the modules that read them."""

    class Meta:
        """Where it is."""

        table_name = settings().applications_table

    by_list = _ByList()
    due = _Due()

    partition = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)
    application: JsonAttribute[Application] = JsonAttribute(Application, null=True)
    version = NumberAttribute(null=True)
    letter = UnicodeAttribute(null=True)
    posts: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...], null=True)
    change: JsonAttribute[ApplicationChange] = JsonAttribute(ApplicationChange, null=True)
    line: JsonAttribute[OwnLine] = JsonAttribute(OwnLine, null=True)
    card: JsonAttribute[Card] = JsonAttribute(Card, null=True)
    list = UnicodeAttribute(null=True)
    rank = UnicodeAttribute(null=True)
    due_bucket = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    job_id = UnicodeAttribute(null=True)
    size = NumberAttribute(null=True)
    given_up = BooleanAttribute(null=True)
    submitted = NumberAttribute(null=True)
    viewed = NumberAttribute(null=True)
    shortlisted = NumberAttribute(null=True)
    interview = NumberAttribute(null=True)
    offered = NumberAttribute(null=True)
    hired = NumberAttribute(null=True)
    declined = NumberAttribute(null=True)
    withdrawn = NumberAttribute(null=True)
    counted = NumberAttribute(null=True)
    in_time = NumberAttribute(null=True)
    seconds = NumberAttribute(null=True)
    day1 = NumberAttribute(null=True)
    day3 = NumberAttribute(null=True)
    day7 = NumberAttribute(null=True)
    day14 = NumberAttribute(null=True)
    day30 = NumberAttribute(null=True)
    later = NumberAttribute(null=True)
    views = NumberAttribute(null=True)
    expires_at = TTLAttribute(null=True)


COUNTS = (
    "submitted",
    "viewed",
    "shortlisted",
    "interview",
    "offered",
    "hired",
    "declined",
    "withdrawn",
    "counted",
    "in_time",
    "seconds",
    "day1",
    "day3",
    "day7",
    "day14",
    "day30",
    "later",
    "views",
)
"""Attributes that are counts."""
