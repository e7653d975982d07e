"""Pictures: taken up, protected, published, registered."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.composition.stores import derivatives, invalidation_service, originals, protect_queue
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.domain.signatures import Signer
    from chalicelib.imaging.cloak.engine import Cloak
    from chalicelib.imaging.protect import Cloaking
    from chalicelib.services.exposure import ExposureService
    from chalicelib.services.media import MediaService
    from chalicelib.services.protection import ProtectionService
    from chalicelib.services.publication import PublicationService
    from chalicelib.services.recall import RecallService
    from chalicelib.services.registry import RegistryService
    from chalicelib.services.works import WorkService

WEB_STATEMENT_PATH = "/policies/tdm.json"
"""Where the policy on text and data mining is published; it is written into every file."""


@cache
def work_service() -> "WorkService":
    """Return what keeps the registry of works, and what the route of matches calls."""
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.matches import MatchRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.works import WorkRepository
    from chalicelib.services.works import WorkService

    return WorkService(WorkRepository(), MatchRepository(), CaseRepository(), MediaRepository(), ProfileRepository())


@cache
def registry_service() -> "RegistryService":
    """Return what the registry's routes call."""
    from chalicelib.repositories.allowances import AllowanceRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.works import WorkRepository
    from chalicelib.services.registry import RegistryService

    return RegistryService(WorkRepository(), MediaRepository(), ProfileRepository(), AllowanceRepository())


@cache
def exposure_service() -> "ExposureService":
    """Return what opens pictures to everybody, and closes them."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.exposure import ExposureService

    return ExposureService(
        *(MediaRepository(), PostRepository(), ProfileRepository(), derivatives(), work_service()),
        invalidation_service(),
        StudioRepository(),
    )


@cache
def publication_service() -> "PublicationService":
    """Return what publishes posts."""
    from chalicelib.repositories.accounts import AccountRepository
    from chalicelib.repositories.feeds import FeedRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.home import OwnFeed
    from chalicelib.services.publication import PublicationService

    own_feed = OwnFeed(FeedRepository(), ProfileRepository())
    return PublicationService(
        PostRepository(), MediaRepository(), exposure_service(), AccountRepository(), own_feed=own_feed
    )


@cache
def recall_service() -> "RecallService":
    """Return what has pictures protected once more."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.recall import RecallService

    return RecallService(MediaRepository(), protect_queue(), publication_service())


@cache
def media_service() -> "MediaService":
    """Return what the upload and media routes call."""
    from chalicelib.repositories.allowances import AllowanceRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.media import MediaService

    return MediaService(MediaRepository(), originals(), derivatives(), recall_service(), AllowanceRepository())


@cache
def protection_service() -> "ProtectionService":
    """Return what the protection function calls. Imaging is imported with it.

    Raises:
        ModelError: a model of the cloak is missing or damaged. The function then protects nothing, as no picture may
            wait until one is to be cloaked for that to be noticed.
    """
    from chalicelib.imaging.cloak.encoders import check_encoders
    from chalicelib.imaging.cloak.engine import ENCODERS

    check_encoders(_folder(settings().models_folder), list(ENCODERS))
    return _protection()


@cache
def requeue_service() -> "ProtectionService":
    """Return the same for tools that have pictures tried again by the function, and need no models for that."""
    return _protection()


def _protection() -> "ProtectionService":
    from chalicelib.imaging.protect import preview, protect
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.protection import ProtectionService
    from chalicelib.services.screening import held_verdicts

    cloak = _cloaking()
    return ProtectionService(
        media=MediaRepository(),
        profiles=ProfileRepository(),
        originals=originals(),
        derivatives=derivatives(),
        publication=publication_service(),
        protect=lambda data, options: protect(data, options, cloak, _signer()),
        preview=preview,
        sign_record=sign_record,
        public_base_url=settings().public_base_url,
        works=work_service(),
        cases=CaseRepository(),
        lease_seconds=settings().lease_seconds,
        web_statement=settings().public_base_url + WEB_STATEMENT_PATH,
        screening_hold=held_verdicts(settings().screening_hold),
    )


@cache
def _signer() -> "Signer":
    """Return what signs Content Credentials; asked when a picture is there, so that a hiccup of AWS is one try's."""
    from chalicelib.signing import signer

    return signer(settings().signing_key_id, settings().signing_certificates_parameter)


@cache
def published_keys() -> tuple[dict[str, str], ...]:
    """Return the public keys by which protection records can be verified, as JWK."""
    from chalicelib.domain.signatures import public_jwk
    from chalicelib.signing import SigningKey

    return (public_jwk(SigningKey(settings().record_key_id).public_key()),)


def sign_record(record: Mapping[str, Any]) -> str:
    """Return a protection record, signed, as compact JWS."""
    from chalicelib.domain.signatures import compact_jws
    from chalicelib.services.records import KIND
    from chalicelib.signing import SigningKey

    key_id = published_keys()[0]["kid"]
    return compact_jws(record, KIND, key_id, SigningKey(settings().record_key_id).sign)


@cache
def _cloak() -> "Cloak":
    """Return the cloak with its models, loaded once; not before a picture is to be cloaked, as it takes a second."""
    from chalicelib.imaging.cloak.engine import Cloak

    return Cloak(_folder(settings().models_folder))


def _folder(name: str) -> Path:
    """Return a folder by its path, or by its name among Python's packages, as layers bring it."""
    from importlib.util import find_spec

    spec = find_spec(name) if name.isidentifier() else None
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else Path(name)


def _cloaking() -> "Cloaking":
    return lambda image, level, seed: _cloak().apply(image, level, seed)
