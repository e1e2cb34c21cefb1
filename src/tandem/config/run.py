"""The web application and the rounds in one process: what `tandem run` serves (docs/decisions/0016)."""

from tandem.config.wsgi import application  # isort: skip  first: it loads the apps
from tandem.config.wiring import rounds  # isort: skip

rounds().start()

__all__ = ["application"]
