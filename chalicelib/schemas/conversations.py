"""Conversations and messages."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.domain import clock
from chalicelib.domain.conversations import MAX_ATTACHED, MAX_TEXT, Conversation, Message, WhoMayWrite
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.ids import made_at
from chalicelib.domain.people import Person
from chalicelib.schemas.base import Clean, OneLine, PageQuery, Schema
from chalicelib.schemas.media import PictureAnswer, picture_answer
from chalicelib.schemas.people import PersonAnswer, person_answer
from chalicelib.services.addresses import Seen
from chalicelib.services.conversations import ConversationPage, MessagePage

_Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class StartBody(Schema):
    """With whom."""

    handle: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), Clean, OneLine]


class FolderQuery(PageQuery):
    """Which conversations."""

    folder: Literal["inbox", "requests"] = Field("inbox", description="requests: of strangers, held apart")


class ConversationAnswer(Schema):
    """A conversation, as one of the two has it."""

    id: str
    person: PersonAnswer = Field(description="The other, as they were called when something was last written")
    folder: Literal["inbox", "requests"] | None = Field(description="null: refused or left")
    excerpt: str = Field(description="How the newest message begins")
    last_message_id: str | None
    last_at: str | None
    unread: bool


class ConversationList(Schema):
    """A page of conversations, by their newest message; at most 20. It may be short, and have a next."""

    items: list[ConversationAnswer]
    next_cursor: str | None


class MessageBody(Schema):
    """A message: a text, own ready pictures, posts, or all of it."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_TEXT), Clean] = ""
    media: Annotated[tuple[_Id, ...], Field(max_length=MAX_ATTACHED)] = ()
    posts: Annotated[tuple[_Id, ...], Field(max_length=MAX_ATTACHED)] = ()

    def to_domain(self, account_id: str) -> Message:
        """Return the message as the domain knows it; its id is yet to come.

        Raises:
            InvalidError: there is nothing in it.
        """
        if not (self.text or self.media or self.posts):
            raise InvalidError.of("text", "a message needs a text, a picture or a post")
        return Message("", account_id, self.text, tuple(dict.fromkeys(self.media)), tuple(dict.fromkeys(self.posts)))


class MessageAnswer(Schema):
    """A message."""

    id: str
    mine: bool
    text: str
    pictures: list[PictureAnswer] = Field(description="At addresses that end within half an hour")
    posts: list[str] = Field(description="Ids: what of them the reader may see, GET /v1/posts/{id} tells")
    at: str


class MessageList(Schema):
    """A page of messages, newest first; at most 20, and fewer where they are long."""

    items: list[MessageAnswer]
    next_cursor: str | None


class ReadUntilBody(Schema):
    """Up to which message all was read."""

    message_id: Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]


class MessagePreferencesBody(Schema):
    """Who may begin a conversation; those that were accepted go on."""

    who_may_write: WhoMayWrite


def _common(person: Person, last_id: str, media_base_url: str) -> dict[str, object]:
    return {
        "person": person_answer(person, media_base_url),
        "last_message_id": last_id or None,
        "last_at": clock.to_text(made_at(last_id)) if last_id else None,
    }


def conversation_answer(conversation: Conversation, account_id: str, media_base_url: str) -> ConversationAnswer:
    """Return a conversation as one of the two has it; what they left behind does not show."""
    side = conversation.side(account_id)
    hidden = side is None or side.since >= conversation.last_id
    common = _common(conversation.other(account_id).person, "" if hidden else conversation.last_id, media_base_url)
    return ConversationAnswer.model_validate(
        common
        | {
            "id": conversation.conversation_id,
            "folder": side.folder if side and side.listed else None,
            "excerpt": "" if hidden else conversation.excerpt,
            "unread": side is not None and conversation.unread_by(side),
        }
    )


def conversation_list(
    page: ConversationPage, folder: Literal["inbox", "requests"], cursor: str | None, media_base_url: str
) -> ConversationList:
    """Return a page of conversations as clients see it."""
    items = [
        ConversationAnswer.model_validate(
            _common(line.person, line.last_id, media_base_url)
            | {"id": line.conversation_id, "folder": folder, "excerpt": line.excerpt, "unread": line.unread}
        )
        for line in page.lines
    ]
    return ConversationList(items=items, next_cursor=cursor)


def message_answer(
    message: Message, page: MessagePage, account_id: str, media_base_url: str, seen: Seen
) -> MessageAnswer:
    """Return a message as one of the two sees it."""
    found = [page.media[each] for each in message.media if each in page.media]
    pictures = [picture_answer(media, media_base_url, seen) for media in found if media.state == "ready"]
    return MessageAnswer(
        id=message.message_id,
        mine=message.author_id == account_id,
        text=message.text,
        pictures=[each for each in pictures if each is not None],
        posts=list(message.posts),
        at=clock.to_text(made_at(message.message_id)),
    )
