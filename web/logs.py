"""What the process writes about itself: one JSON object a line, with ids and types, never with anybody's words."""

import json
import logging
import sys
import threading
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.config import dictConfig
from types import TracebackType
from typing import Any, Final

_log: Final = logging.getLogger("rightsdesk.program")
region: Final[ContextVar[str]] = ContextVar("region", default="")  # whose request, or whose job, is at hand
_OURS: Final = "rightsdesk"
_SERVER: Final = "uvicorn"  # its words are its own, whatever it was sent
_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """Writes a record as JSON: of an exception its type and the places it came through, as its text may be personal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"at": at, "level": record.levelname, "from": record.name}
        line |= {"region": region.get()} if region.get() else {}
        if record.name.partition(".")[0] == _OURS:
            line |= _message(record)
            line |= {name: str(value) for name, value in vars(record).items() if name not in _PLAIN}
        else:
            line |= _foreign(record)
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
            # Below a warning they write addresses, and an address of a sign-in holds what opens one.
            **{name: {"level": "WARNING"} for name in ("authlib", "httpcore2", "httpx2")},
            "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


def begin(level: str = "INFO") -> None:
    """Write what this process says as JSON lines from now on, and also what nobody caught."""
    dictConfig(configuration(level))
    sys.excepthook = _uncaught
    threading.excepthook = lambda ended: _uncaught(ended.exc_type, ended.exc_value, ended.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, places: TracebackType | None) -> None:
    # Python's own way prints the words of an exception, and they may be somebody's.
    if error is not None and not issubclass(kind, SystemExit | KeyboardInterrupt):
        _log.critical("not caught", exc_info=(kind, error, places))


def _foreign(record: logging.LogRecord) -> dict[str, object]:
    """Return of another library's record where it stands, and its words only where no value can be among them."""
    line: dict[str, object] = {"place": f"{record.funcName}:{record.lineno}"}
    # A pattern waits for its values; a text without any may have been put together from them already.
    if record.args or record.name.partition(".")[0] == _SERVER:
        line["message"] = str(record.msg).split("\n", 1)[0]
    return line


def _message(record: logging.LogRecord) -> dict[str, object]:
    text = record.getMessage()
    try:
        parts = json.loads(text)
    except ValueError:
        return {"message": text}
    return parts if isinstance(parts, dict) else {"message": text}
