"""The addresses of signing in and out."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from tandem.accounts import forms, views

urlpatterns = [
    path(
        "sign-in",
        LoginView.as_view(
            template_name="accounts/sign_in.html",
            authentication_form=forms.SignInForm,
            redirect_authenticated_user=True,
        ),
        name="sign-in",
    ),
    path("sign-in/<str:token>", views.sign_in_by_link, name="sign-in-by-link"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
]
