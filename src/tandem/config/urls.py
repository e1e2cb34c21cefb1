"""Which slice answers which address."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tandem.reminders.urls")),
    path("", include("tandem.accounts.urls")),
    path("", include("tandem.emails.urls")),
    path("", include("tandem.connections.urls")),
    path("", include("tandem.sync_settings.urls")),
    path("", include("tandem.calls.urls")),
    path("", include("tandem.bcc.urls")),
    path("", include("tandem.emails.list_urls")),
    path("", include("tandem.diagnostics.urls")),
    path("", include("tandem.unsubscribes.urls")),
    path("", include("tandem.api.urls")),
    path("", include("tandem.habits.urls")),
    path("", include("tandem.timeline.urls")),
    path("", include("tandem.view_as.urls")),
]

handler403 = "tandem.pages.views.forbidden"
handler404 = "tandem.pages.views.not_found"
handler500 = "tandem.pages.views.broken"
