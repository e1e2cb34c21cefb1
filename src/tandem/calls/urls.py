"""The addresses of the calls."""

from django.urls import path

from tandem.calls import views

urlpatterns = [
    path("calls", views.call_list, name="calls"),
    path("calls/new", views.new_call, name="new-call"),
    path("settings/calls", views.word_lists, name="call-lists"),
]
