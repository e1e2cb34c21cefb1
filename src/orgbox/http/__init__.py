"""The org over HTTP: `create_app(org)` is an ASGI application that answers as Salesforce's REST API does."""

from orgbox.http.app import create_app

__all__ = ["create_app"]
