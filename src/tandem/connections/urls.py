"""The addresses of the Salesforce page: connect, disconnect, the team's app, the set-up check."""

from django.urls import path
from django.views.generic import RedirectView

from tandem.connections import views

urlpatterns = [
    path("settings", RedirectView.as_view(pattern_name="salesforce"), name="settings"),
    path("settings/salesforce", views.salesforce_page, name="salesforce"),
    path("settings/salesforce/app", views.save_app, name="salesforce-app"),
    path("settings/salesforce/connect", views.connect, name="salesforce-connect"),
    path("settings/salesforce/callback", views.callback, name="salesforce-callback"),
    path("settings/salesforce/not-connected", views.trouble_page, name="salesforce-trouble"),
    path("settings/salesforce/disconnect", views.disconnect, name="salesforce-disconnect"),
    path("settings/salesforce/check", views.check, name="salesforce-check"),
    path("settings/salesforce/<str:which>-fields.zip", views.fields_file, name="salesforce-fields"),
]
