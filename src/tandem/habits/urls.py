"""The addresses of what pages remember."""

from django.urls import path

from tandem.habits import views

urlpatterns = [
    path("settings/keys", views.switch_keys, name="switch-keys"),
    path("searches/<slug:place>", views.save_search, name="save-search"),
    path("searches/<int:search>/forget", views.forget_search, name="forget-search"),
]
