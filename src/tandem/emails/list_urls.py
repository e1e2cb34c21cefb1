"""The addresses of the lists of emails, of one email, and of what is done to it there."""

from django.urls import path

from tandem.emails import list_views, reading_views

urlpatterns = [
    path("emails", list_views.email_list, name="emails"),
    path("emails/columns/<slug:folder>", list_views.choose_columns, name="choose-columns"),
    path("emails/<int:email_id>", reading_views.email_page, name="email"),
    path("emails/<int:email_id>/html", reading_views.email_html, name="email-html"),
    path("emails/<int:email_id>/task", reading_views.follow_up, name="follow-up-email"),
    path("emails/<int:email_id>/again", list_views.write_again, name="write-email-again"),
    path("emails/<int:email_id>/<slug:action>", list_views.act, name="email-action"),
]
