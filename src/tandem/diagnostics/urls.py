"""The addresses of what is held for review."""

from django.urls import path

from tandem.diagnostics import views

urlpatterns = [
    path("review", views.review, name="review"),
    path("review/choose", views.choose, name="review-choose"),
    path("review/make/<str:kind>", views.make, name="review-make"),
    path("review/make-leads", views.make_leads, name="review-make-leads"),
    path("review/ignore", views.ignore, name="review-ignore"),
    path("review/leave-out", views.leave_out, name="review-leave-out"),
    path("review/undo", views.undo, name="review-undo"),
]
