"""Posts, and what stands on them, on a DynamoDB within this process: whoever uses it must have one emulated."""

from dataclasses import dataclass, replace
from typing import Any

from chalicelib.composition import exposure_service
from chalicelib.domain.changes import Change
from chalicelib.domain.comments import Comment
from chalicelib.domain.ids import new_id
from chalicelib.domain.posts import Post, PostFields
from chalicelib.domain.profiles import Profile, ProfileFields
from chalicelib.repositories.accounts import AccountRepository
from chalicelib.repositories.comments import CommentRepository
from chalicelib.repositories.media import MediaRepository
from chalicelib.repositories.posts import PostRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.repositories.reactions import SHARDS, ReactionRepository
from chalicelib.services import author_upkeep
from chalicelib.services.cards import make_card
from chalicelib.services.comment_upkeep import DROP, RENAME, CommentUpkeep, PostCommentConsumer
from chalicelib.services.comments import CommentService
from chalicelib.services.publication import PublicationService
from chalicelib.services.reaction_upkeep import KIND, PostReactionConsumer, ReactionUpkeep
from chalicelib.services.reactions import ReactionService
from chalicelib.services.sight import Sight
from tests.support.fake_social import FakeErrands, FakeRelations
from tests.support.fakes import FakeClock


@dataclass
class Place:
    """The service and all it stands on."""

    posts: PostRepository
    profiles: ProfileRepository
    reactions: ReactionRepository
    relations: FakeRelations
    errands: FakeErrands
    service: ReactionService
    comments: CommentRepository
    commenting: CommentService
    now: FakeClock

    def join(self, **fields: Any) -> str:
        text, account_id = "2026-01-01T00:00:00.000Z", new_id()
        fields = {"handle": "h" + account_id.lower(), "display_name": "Name", **fields}
        self.profiles.create(Profile(account_id, ProfileFields(**fields), 1, text, text), self.now())
        return account_id

    def post(self, author: str, **fields: Any) -> Post:
        """Publish a post."""
        text = "2026-01-01T00:00:00.000Z"
        made = PostFields(**{"title": "A post", **fields})
        post = Post(new_id(), author, made, "published", 1, text, text, published_at=text)
        self.posts.create(post, make_card(post, {}), self.now())
        return post

    def change(self, old: Post, **changes: Any) -> Post:
        """Change a post, and have its change followed."""
        state = changes.pop("state", old.state)
        new = replace(old, state=state, version=old.version + 1, fields=replace(old.fields, **changes))
        self.posts.save(old, new, make_card(new, {}), self.now())
        self.follow(old, new)
        return new

    def follow(self, old: Post, new: Post | None) -> int:
        """Have what stands on a post follow a change of it; return how many errands that took."""
        for consumer in (PostReactionConsumer(self.errands), PostCommentConsumer(self.errands)):
            consumer.take([Change(new_id(), old, new)])
        return self.run()

    def run(self) -> int:
        """Do the errands that wait."""
        reactions = ReactionUpkeep(self.reactions, self.posts, self.profiles, self.errands, SHARDS)
        comments = CommentUpkeep(self.comments, self.posts, self.profiles, self.errands)
        authors = author_upkeep.AuthorUpkeep(self.posts, self.errands)
        return self.errands.run(
            {KIND: reactions.work, DROP: comments.drop, RENAME: comments.rename, author_upkeep.KIND: authors.work}
        )

    def rename(self, account_id: str, **fields: Any) -> None:
        """Change a profile, and have its change followed."""
        old = self.profiles.get(account_id)
        assert old is not None
        new = self.profiles.replace(old, replace(old, fields=replace(old.fields, **fields)), self.now())
        author_upkeep.AuthorConsumer(self.errands).take([Change(new_id(), old, new)])
        self.run()

    def write(self, account_id: str, post: Post, text: str = "Good", parent: str | None = None) -> Comment:
        """Comment on a post."""
        return self.commenting.write(account_id, post.post_id, text, parent)

    def texts(self, reader: str | None, post: Post, parent: str | None = None, **asked: Any) -> list[str]:
        """Return what a reader sees of a thread."""
        wanted: dict[str, Any] = {"newest_first": False, "limit": 20, "position": None, **asked}
        return [comment.text for comment in self.commenting.thread(post.post_id, reader, parent, **wanted).comments]

    def likes(self, account_id: str, limit: int = 50, position: str | None = None) -> list[str]:
        listed = self.service.list_own("like", account_id, limit=limit, position=position)
        return [shared.card.post_id for shared in listed.cards]


def new_place() -> Place:
    """Return the service and all it stands on."""
    posts, profiles, relations, now = PostRepository(), ProfileRepository(), FakeRelations(), FakeClock()
    reactions, comments = ReactionRepository(), CommentRepository()
    sight = Sight(posts, profiles, relations)
    publication = PublicationService(posts, MediaRepository(), exposure_service(), AccountRepository(), now)
    return Place(
        posts=posts,
        profiles=profiles,
        reactions=reactions,
        relations=relations,
        errands=FakeErrands(),
        service=ReactionService(reactions, sight, now),
        comments=comments,
        commenting=CommentService(comments, sight, publication),
        now=now,
    )
