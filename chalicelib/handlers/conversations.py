"""Conversations and messages."""

from chalicelib.composition import addresses, allow, conversation_service, message_preferences, run_once
from chalicelib.domain.allowances import CONVERSATIONS, MESSAGES
from chalicelib.domain.handles import canonical
from chalicelib.http import cursors
from chalicelib.http.caching import PRIVATE
from chalicelib.http.paging import next_link
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.schemas.base import Empty, PageQuery
from chalicelib.schemas.conversations import (
    ConversationAnswer,
    ConversationList,
    FolderQuery,
    MessageAnswer,
    MessageBody,
    MessageList,
    MessagePreferencesBody,
    ReadUntilBody,
    StartBody,
    conversation_answer,
    conversation_list,
    message_answer,
)
from chalicelib.services.conversations import MessagePage
from chalicelib.settings import settings

routes = Routes(__name__, run_once, allow=allow)

_DONE = Answer(None, status=204, headers=PRIVATE)


@routes.operation(
    "POST",
    "/v1/conversations",
    summary="Begin a conversation with somebody, or find the one there is",
    auth="required",
    body=StartBody,
    answer=ConversationAnswer,
    status=(200, 201),
    errors=(403, 404, 409),
    idempotent=True,
    limit=CONVERSATIONS,
)
def start_conversation(request: ApiRequest[StartBody, Empty]) -> Answer:
    """Return the conversation of the two, which is always the same."""
    found, begun = conversation_service().start(request.account, canonical(request.body.handle))
    body = conversation_answer(found, request.account, settings().media_base_url)
    headers = {**PRIVATE, "Location": f"/v1/conversations/{body.id}"} if begun else PRIVATE
    return Answer(body, status=201 if begun else 200, headers=headers)


@routes.operation(
    "GET",
    "/v1/conversations",
    summary="The own conversations, by their newest message",
    auth="required",
    query=FolderQuery,
    answer=ConversationList,
    errors=(400,),
)
def list_conversations(request: ApiRequest[None, FolderQuery]) -> Answer:
    """Return a page of conversations; requests of strangers are held apart."""
    query = request.query
    scope = f"conversations of {request.account}, {query.folder}"
    position = cursors.decode(scope, query.cursor)
    page = conversation_service().listed(request.account, query.folder, limit=query.limit, position=position)
    cursor = cursors.encode(scope, page.position)
    body = conversation_list(page, query.folder, cursor, settings().media_base_url)
    return Answer(body, headers={**PRIVATE, **next_link(request.path, query, cursor)})


@routes.operation(
    "GET",
    "/v1/conversations/{conversation_id}",
    summary="A conversation",
    auth="required",
    answer=ConversationAnswer,
    errors=(404,),
)
def get_conversation(request: ApiRequest[None, Empty], conversation_id: str) -> Answer:
    """Return a conversation of the account."""
    found = conversation_service().get(request.account, conversation_id)
    return Answer(conversation_answer(found, request.account, settings().media_base_url), headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/conversations/{conversation_id}",
    summary="Refuse a request, or leave a conversation",
    auth="required",
    status=(204,),
    errors=(404,),
)
def leave_conversation(request: ApiRequest[None, Empty], conversation_id: str) -> Answer:
    """Refuse or leave; the other is not told."""
    conversation_service().leave(request.account, conversation_id)
    return _DONE


@routes.operation(
    "PUT",
    "/v1/conversations/{conversation_id}/accept",
    summary="Take a request into the inbox",
    auth="required",
    status=(204,),
    errors=(404,),
)
def accept_conversation(request: ApiRequest[None, Empty], conversation_id: str) -> Answer:
    """Accept a request; to answer it does so as well."""
    conversation_service().accept(request.account, conversation_id)
    return _DONE


@routes.operation(
    "POST",
    "/v1/conversations/{conversation_id}/read",
    summary="Note up to which message all was read",
    auth="required",
    body=ReadUntilBody,
    status=(204,),
    errors=(404,),
)
def read_conversation(request: ApiRequest[ReadUntilBody, Empty], conversation_id: str) -> Answer:
    """Note what was read; the other is not told."""
    conversation_service().read(request.account, conversation_id, request.body.message_id)
    return _DONE


@routes.operation(
    "GET",
    "/v1/conversations/{conversation_id}/messages",
    summary="Messages, newest first",
    auth="required",
    query=PageQuery,
    answer=MessageList,
    errors=(400, 404),
)
def list_messages(request: ApiRequest[None, PageQuery], conversation_id: str) -> Answer:
    """Return a page of messages."""
    scope = f"messages of {conversation_id} for {request.account}"
    position = cursors.decode(scope, request.query.cursor)
    page = conversation_service().page(request.account, conversation_id, limit=request.query.limit, position=position)
    cursor = cursors.encode(scope, page.position)
    items = [_message(request.account, page, index) for index in range(len(page.messages))]
    headers = {**PRIVATE, **next_link(request.path, request.query, cursor)}
    return Answer(MessageList(items=items, next_cursor=cursor), headers=headers)


@routes.operation(
    "POST",
    "/v1/conversations/{conversation_id}/messages",
    summary="Write a message",
    auth="required",
    body=MessageBody,
    answer=MessageAnswer,
    status=(201,),
    errors=(403, 404, 409),
    idempotent=True,
    limit=MESSAGES,
)
def send_message(request: ApiRequest[MessageBody, Empty], conversation_id: str) -> Answer:
    """Write a message; whoever answers a request accepts it."""
    page = conversation_service().send(request.account, conversation_id, request.body.to_domain(request.account))
    return Answer(_message(request.account, page, 0), status=201, headers=PRIVATE)


@routes.operation(
    "DELETE",
    "/v1/conversations/{conversation_id}/messages/{message_id}",
    summary="Delete an own message, for both",
    auth="required",
    status=(204,),
    errors=(404,),
)
def delete_message(request: ApiRequest[None, Empty], conversation_id: str, message_id: str) -> Answer:
    """Delete an own message."""
    conversation_service().delete(request.account, conversation_id, message_id)
    return _DONE


@routes.operation(
    "GET",
    "/v1/me/message_preferences",
    summary="Who may begin a conversation with the account",
    auth="required",
    answer=MessagePreferencesBody,
)
def get_message_preferences(request: ApiRequest[None, Empty]) -> Answer:
    """Return who may."""
    return Answer(MessagePreferencesBody(who_may_write=message_preferences().get(request.account)), headers=PRIVATE)


@routes.operation(
    "PUT",
    "/v1/me/message_preferences",
    summary="Choose who may begin a conversation with the account",
    auth="required",
    body=MessagePreferencesBody,
    answer=MessagePreferencesBody,
)
def put_message_preferences(request: ApiRequest[MessagePreferencesBody, Empty]) -> Answer:
    """Choose who may; conversations that were accepted go on."""
    message_preferences().put(request.account, request.body.who_may_write)
    return Answer(request.body, headers=PRIVATE)


def _message(account_id: str, page: MessagePage, index: int) -> MessageAnswer:
    return message_answer(page.messages[index], page, account_id, settings().media_base_url, addresses().to(account_id))
