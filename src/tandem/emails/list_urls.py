"""The addresses of the lists of emails, of one email, and of what is done to it there."""

from django.urls import path

from tandem.emails import list_views

urlpatterns = [
    path("emails", list_views.email_list, name="emails"),
    path("emails/<int:email_id>", list_views.email_page, name="email"),
    path("emails/<int:email_id>/html", list_views.email_html, name="email-html"),
    path("emails/<int:email_id>/<slug:action>", list_views.act, name="email-action"),
]
