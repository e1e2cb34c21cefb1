"""The addresses of coming in, of a member's own account, and of the team.

allauth's views stand under our addresses with allauth's names, because its flows find each other by name; what is not
listed here (sign-up, several emails per member) does not exist.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.urls import path, re_path

from tandem.accounts import email_views, member_views, profile_views, views

urlpatterns = [
    # Coming in
    path("first-run", views.first_run, name="first-run"),
    path("join/<str:token>", views.join, name="join"),
    path("sign-in", account.login, name="account_login"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/code", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/closed", account.account_inactive, name="account_inactive"),
    path("sign-in/again", account.reauthenticate, name="account_reauthenticate"),
    path("sign-in/again/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("sign-in/again/passkey", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("sign-in/forgotten", views.ForgottenPassword.as_view(), name="account_reset_password"),
    path("sign-in/forgotten/sent", account.password_reset_done, name="account_reset_password_done"),
    path(
        "sign-in/forgotten/done",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^sign-in/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("sign-in/<str:token>", views.sign_in_by_link, name="sign-in-by-link"),
    path("sign-out", account.logout, name="account_logout"),
    # My account
    path("account", profile_views.profile, name="profile"),
    path("account/email", email_views.ask, name="change-email"),
    path("account/email/<str:token>", email_views.confirm, name="confirm-email"),
    path("account/security", mfa.index, name="mfa_index"),
    path("account/password", account.password_change, name="account_change_password"),
    path("account/password/first", account.password_set, name="account_set_password"),
    path("account/sessions", sessions.list_usersessions, name="usersessions_list"),
    path("account/authenticator", totp.activate_totp, name="mfa_activate_totp"),
    path("account/authenticator/remove", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/passkeys", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/new", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    # The team
    path("settings/members", member_views.members, name="members"),
    path("settings/members/invite", member_views.invite, name="invite"),
    path("settings/members/<int:pk>/role", member_views.set_role, name="set-role"),
    path("settings/members/<int:pk>/deactivate", member_views.deactivate, name="deactivate-member"),
    path("settings/members/<int:pk>/reactivate", member_views.reactivate, name="reactivate-member"),
    path("settings/invitations/<int:pk>/resend", member_views.resend_invitation, name="resend-invitation"),
    path("settings/invitations/<int:pk>/revoke", member_views.revoke_invitation, name="revoke-invitation"),
]
