"""The addresses of writing emails, of templates, and of the member's mail account."""

from django.urls import path

from tandem.emails import account_views, views

urlpatterns = [
    path("emails/new", views.compose, name="compose-email"),
    path("emails/<int:email_id>/edit", views.edit, name="edit-email"),
    path("emails/<int:email_id>/undo", views.undo, name="undo-email"),
    path("emails/<int:email_id>/delete", views.delete, name="delete-email"),
    path("settings/email", account_views.mail_account, name="mail-account"),
    path("settings/email/try", account_views.try_account, name="try-mail-account"),
    path("settings/email/forget", account_views.forget_account, name="forget-mail-account"),
    path("settings/email/relay-passwords", account_views.make_password, name="make-relay-password"),
    path(
        "settings/email/relay-passwords/<int:password_id>/revoke",
        account_views.revoke_password,
        name="revoke-relay-password",
    ),
    path("settings/email/templates", account_views.templates, name="email-templates"),
    path("settings/email/templates/new", account_views.edit_template, name="new-email-template"),
    path(
        "settings/email/templates/<int:template_id>", account_views.edit_template, name="edit-email-template"
    ),
    path(
        "settings/email/templates/<int:template_id>/delete",
        account_views.delete_template,
        name="delete-email-template",
    ),
]
