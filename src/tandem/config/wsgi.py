"""The web application that a WSGI server calls (docs/decisions/0016)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.config.settings")
application = get_wsgi_application()

# A wake marks its org due in the database, so that whichever process runs the rounds finds it.
from tandem.config.wiring import register_answers, register_wakes  # noqa: E402  needs the apps to be loaded

register_wakes()
register_answers()
