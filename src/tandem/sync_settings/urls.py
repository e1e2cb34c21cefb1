"""The addresses of the Sync Settings page, of what its cards do, and of the log of changes."""

from django.urls import path

from tandem.sync_settings import buttons, file_views, views

_SYNC = "settings/salesforce/sync"

urlpatterns = [
    path(_SYNC, views.sync_settings, name="sync-settings"),
    path(f"{_SYNC}/email-api", views.pressed(buttons.EMAIL_API), name="save-email-api"),
    path(f"{_SYNC}/email-bcc", views.pressed(buttons.EMAIL_BCC), name="save-email-bcc"),
    path(f"{_SYNC}/tasks", views.pressed(buttons.TASKS), name="save-tasks"),
    path(f"{_SYNC}/tasks/preview", views.tasks_preview, name="tasks-preview"),
    path(f"{_SYNC}/tasks/progress", views.tasks_progress, name="tasks-progress"),
    path(f"{_SYNC}/tasks/pause", views.pressed(buttons.PAUSE), name="pause-tasks"),
    path(f"{_SYNC}/tasks/resume", views.pressed(buttons.RESUME), name="resume-tasks"),
    path(f"{_SYNC}/calls", views.pressed(buttons.CALLS), name="save-calls"),
    path(f"{_SYNC}/subject", views.pressed(buttons.SUBJECT), name="save-subject"),
    path(f"{_SYNC}/subject/preview", views.subject_preview, name="subject-preview"),
    path(f"{_SYNC}/team-rules/<str:section>", views.use_team_rules, name="use-team-rules"),
    path(f"{_SYNC}/file", file_views.export_file, name="export-settings"),
    path(f"{_SYNC}/file/compare", file_views.compare_file, name="compare-settings"),
    path(f"{_SYNC}/file/save", file_views.save_file, name="save-settings-file"),
    path("settings/audit", file_views.audit, name="settings-audit"),
]
