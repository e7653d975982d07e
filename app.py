"""Composes the application: routes, authorizer and triggers. Nothing else."""

from chalicelib.handlers import (
    applications,
    comments,
    conversations,
    declarations,
    directory,
    feed,
    hiring,
    job_alerts,
    job_pages,
    jobs,
    media,
    meta,
    moderation,
    muted_texts,
    notifications,
    own_data,
    pages,
    posts,
    profiles,
    reactions,
    registry,
    relations,
    saved_jobs,
    studios,
    syndication,
    talent,
    unsubscribing,
    viewing,
)
from chalicelib.http.application import Application
from chalicelib.http.authentication import authorizers
from chalicelib.observability import logger
from chalicelib.settings import application_name
from chalicelib.triggers import changes, errands, schedules, uploads

app = Application(app_name=application_name(), configure_logs=False)
app.log = logger  # type: ignore[assignment]  # powertools' Logger is no subclass, but logs as one

for blueprint in (
    authorizers,
    meta.routes,
    declarations.routes,
    profiles.routes,
    media.routes,
    posts.routes,
    reactions.routes,
    viewing.routes,
    directory.routes,
    comments.routes,
    feed.routes,
    registry.routes,
    moderation.routes,
    pages.routes,
    job_pages.routes,
    syndication.routes,
    relations.routes,
    muted_texts.routes,
    studios.routes,
    notifications.routes,
    conversations.routes,
    jobs.routes,
    saved_jobs.routes,
    job_alerts.routes,
    unsubscribing.routes,
    talent.routes,
    applications.routes,
    hiring.routes,
    own_data.routes,
    uploads.triggers,
    schedules.triggers,
    changes.triggers,
    errands.triggers,
):
    app.register_blueprint(blueprint)
