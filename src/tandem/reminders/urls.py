"""The addresses of the Command Center and of what is done to a task there."""

from django.urls import path

from tandem.reminders import many_views, views

urlpatterns = [
    path("", views.command_center_page, name="command-center"),
    path("tasks/list", views.task_list, name="task-list"),
    path("tasks/new", views.new_task, name="new-task"),
    path("tasks/many", many_views.change_many, name="change-many"),
    path("tasks/undo/<str:changes>", many_views.undo_many, name="undo-many"),
    path("tasks/<int:reminder_id>/edit", views.edit_task, name="edit-task"),
    path("tasks/<int:reminder_id>/complete", views.complete_task, name="complete-task"),
    path("tasks/<int:reminder_id>/reopen", views.reopen_task, name="reopen-task"),
    path("tasks/<int:reminder_id>/delete", views.delete_task, name="delete-task"),
    path("tasks/<int:reminder_id>/undo/<int:rev>", views.undo_task, name="undo-task"),
]
