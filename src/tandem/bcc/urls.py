"""The addresses of Email to Salesforce (BCC), beside its tab of the Sync Settings."""

from django.urls import path

from tandem.bcc import views

urlpatterns = [
    path("emails/copies-again", views.send_copies_again, name="send-copies-again"),
    path("emails/<int:email_id>/copy-again", views.send_copy_again, name="send-copy-again"),
]
