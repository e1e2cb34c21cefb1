"""How is a line of the log written? For people, or as JSON for a machine that collects logs; never with a secret in it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from tandem.diagnostics.payload import without_secrets


class Plain(logging.Formatter):
    """One line for people, with the trace below it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class Json(logging.Formatter):
    """One JSON object a line: time (RFC 3339, UTC), level, logger, message, and error with its trace where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
