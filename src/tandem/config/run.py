"""The web application, the rounds and the mail in one process: what `tandem run` serves (docs/decisions/0016)."""

from tandem.config.wsgi import application  # isort: skip  first: it loads the apps
from tandem.config.mail import MailRoom  # isort: skip
from tandem.config.schedules import in_process, register_schedules  # isort: skip
from tandem.config.wiring import rounds  # isort: skip

mail = MailRoom()
register_schedules()
rounds().start()
in_process().start()
mail.start()

__all__ = ["application"]
