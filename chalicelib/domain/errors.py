"""What can go wrong with a request, as the domain knows it. The HTTP layer gives each kind its status."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field, named by its path in the request such as ``media[0].id``."""

    field: str
    message: str


class DomainError(Exception):
    """A request that cannot be fulfilled.

    Attributes:
        code: a stable machine-readable name in kebab case, the same for each occurrence.
        title: a short summary, the same for each occurrence.
        detail: what was wrong this time and what to do about it.
        errors: one for each field, where fields are to blame.
    """

    code = "error"
    title = "The request could not be fulfilled"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        title: str | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> None:
        """Take the detail of this occurrence, and a more precise code and title where there is one."""
        self.code = code or type(self).code
        self.title = title or type(self).title
        self.detail = detail or self.title
        self.errors = errors
        super().__init__(self.detail)


class InvalidError(DomainError):
    """The request is well-formed but asks for something that is not allowed."""

    code = "validation-failed"
    title = "The request has invalid fields"

    @classmethod
    def of(cls, field: str, message: str) -> "InvalidError":
        """Blame a single field."""
        return cls(f"{field}: {message}", errors=(FieldError(field, message),))


class MalformedError(DomainError):
    """The request cannot be understood at all."""

    code = "malformed"
    title = "The request cannot be understood"


class UnauthorizedError(DomainError):
    """No valid token came with a request that needs one."""

    code = "unauthorized"
    title = "A valid access token is needed"


class ForbiddenError(DomainError):
    """The account may not do this."""

    code = "forbidden"
    title = "This is not allowed"


class NotFoundError(DomainError):
    """There is no such thing, or none that the asker may know of."""

    code = "not-found"
    title = "There is nothing here"


class GoneError(DomainError):
    """There was such a thing, and everyone may know that it is over."""

    code = "gone"
    title = "This is over"


class ConflictError(DomainError):
    """The present state of things does not allow it."""

    code = "conflict"
    title = "The present state does not allow this"


class PreconditionFailedError(DomainError):
    """The thing was changed since the client last read it."""

    code = "precondition-failed"
    title = "It was changed since you last read it"


class TooLargeError(DomainError):
    """The request is larger than the platform takes."""

    code = "too-large"
    title = "The request is too large"


class UnsupportedError(DomainError):
    """The request asks for a form that the platform does not speak."""

    code = "not-implemented"
    title = "This form is not spoken here"


class TemporaryError(Exception):
    """Something outside did not answer as it should: the same will succeed later."""


class LostRaceError(Exception):
    """A conditional write found that another had been there first; read again and decide anew."""
