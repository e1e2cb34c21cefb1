"""The web application, the rounds and the mail in one process: what `tandem run` serves (docs/decisions/0016)."""

from tandem.config.wsgi import application  # isort: skip  first: it loads the apps
from tandem.config.mail import MailRoom  # isort: skip
from tandem.config.wiring import rounds  # isort: skip

mail = MailRoom()
rounds().start()
mail.start()

__all__ = ["application"]
