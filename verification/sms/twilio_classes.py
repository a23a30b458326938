"""What Twilio's error numbers mean for us: a table of classes with a default, because Twilio splits codes over time.

Source: https://www.twilio.com/docs/api/errors
"""

from typing import Final

from rightsdesk.verification.sms.port import RefusedClass

_CLASSES: Final = {
    21211: RefusedClass.BAD_NUMBER,
    21265: RefusedClass.BAD_NUMBER,
    21612: RefusedClass.BAD_NUMBER,
    21614: RefusedClass.BAD_NUMBER,
    21408: RefusedClass.COUNTRY_CLOSED,
    21610: RefusedClass.OPTED_OUT,
    21212: RefusedClass.SENDER_WRONG,
    21606: RefusedClass.SENDER_WRONG,
    20429: RefusedClass.THROTTLED,
    21611: RefusedClass.THROTTLED,
    20003: RefusedClass.ACCOUNT,
    20404: RefusedClass.ACCOUNT,
    30003: RefusedClass.UNREACHABLE,
    30005: RefusedClass.UNREACHABLE,
    30006: RefusedClass.UNREACHABLE,
    30004: RefusedClass.FILTERED,
    30007: RefusedClass.FILTERED,
    30034: RefusedClass.FILTERED,
    30450: RefusedClass.FILTERED,
}


def class_of(status: int, code: int) -> RefusedClass:
    """Return the class of an HTTP status and Twilio's own error number (0 if it gave none)."""
    if status == 429:
        return RefusedClass.THROTTLED
    if status in (401, 403) and code not in _CLASSES:
        return RefusedClass.ACCOUNT
    return _CLASSES.get(code, RefusedClass.OTHER)
