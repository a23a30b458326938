"""What the process writes about itself: one JSON object a line, with ids and types, never with anybody's words."""

import json
import logging
import traceback
from typing import Any, Final

_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """Writes a record as JSON: of an exception its type and the places it came through, as its text may be personal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {"at": self.formatTime(record), "level": record.levelname, "from": record.name}
        line |= _message(record)
        line |= {name: str(value) for name, value in vars(record).items() if name not in _PLAIN}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = type(error).__name__
            line["places"] = [f"{one.name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)]
        return json.dumps(line)


def configuration(level: str = "INFO") -> dict[str, Any]:
    """Return the set-up for ``logging.config.dictConfig`` and for uvicorn, whose own access log would hold ids."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "rightsdesk.web.logs.Lines"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            "rightsdesk": {"level": level},
            "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


def _message(record: logging.LogRecord) -> dict[str, object]:
    text = record.getMessage()
    if not record.name.startswith("rightsdesk."):
        # Another library's words may repeat what it was given; its pattern without the values does not.
        return {"message": str(record.msg).split("\n", 1)[0]}
    try:
        parts = json.loads(text)
    except ValueError:
        return {"message": text}
    return parts if isinstance(parts, dict) else {"message": text}
