"""The addresses of the timelines."""

from django.urls import path

from tandem.timeline import views

urlpatterns = [
    path("tasks/<int:reminder_id>/timeline", views.timeline, name="task-timeline"),
    path("versions/<int:conflict_id>/undo", views.undo_version, name="undo-version"),
    path("versions/<int:conflict_id>/<slug:which>", views.keep_version, name="keep-version"),
]
