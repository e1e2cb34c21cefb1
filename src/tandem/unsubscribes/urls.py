"""The addresses of the Unsubscribes page."""

from django.urls import path

from tandem.unsubscribes import views

urlpatterns = [
    path("settings/unsubscribes", views.unsubscribes, name="unsubscribes"),
    path("settings/unsubscribes/add", views.add, name="unsubscribe"),
    path("settings/unsubscribes/remove", views.remove, name="subscribe-again"),
    path("settings/unsubscribes/integration/<int:org>", views.integration, name="save-unsubscribes"),
]
