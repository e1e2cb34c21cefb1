"""The addresses of looking at a colleague's lists."""

from django.urls import path

from tandem.view_as import views

urlpatterns = [
    path("view-as", views.view_as, name="view-as"),
    path("view-as/end", views.view_own, name="view-own"),
]
