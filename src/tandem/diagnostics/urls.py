"""The addresses of Diagnostics: what is held for review, what stands in the way, and how the sync does."""

from django.urls import path

from tandem.diagnostics import problem_views, views

urlpatterns = [
    path("review", views.review, name="review"),
    path("review/choose", views.choose, name="review-choose"),
    path("review/make/<str:kind>", views.make, name="review-make"),
    path("review/make-leads", views.make_leads, name="review-make-leads"),
    path("review/ignore", views.ignore, name="review-ignore"),
    path("review/leave-out", views.leave_out, name="review-leave-out"),
    path("review/undo", views.undo, name="review-undo"),
    path("health", problem_views.health, name="health"),
    path("health/share/<int:org>", problem_views.call_share, name="call-share"),
    path("settings/diagnostics", problem_views.diagnostics, name="diagnostics"),
    path("settings/diagnostics/cause", problem_views.cause, name="diagnostics-cause"),
    path("settings/diagnostics/file", problem_views.as_file, name="diagnostics-file"),
    path("settings/diagnostics/retry", problem_views.retry, name="diagnostics-retry"),
    path("settings/diagnostics/skip", problem_views.skip, name="diagnostics-skip"),
    path("settings/diagnostics/undo", problem_views.undo, name="diagnostics-undo"),
    path("settings/diagnostics/send-again", problem_views.send_again, name="diagnostics-send-again"),
    path("settings/diagnostics/status", problem_views.choose_status, name="diagnostics-status"),
    path("settings/diagnostics/<str:kind>/<int:pk>", problem_views.item, name="diagnostics-item"),
]
