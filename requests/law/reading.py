"""Turns entries of the law files into values and stops at the first one it does not understand."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from rightsdesk.requests.law.errors import RulesBroken
from rightsdesk.requests.law.rows import Ground, Jurisdiction, NoticeCode, Requester, Rule

Row = TypeVar("Row", Rule, Ground, NoticeCode, Requester, Jurisdiction)


def read(kind: type[Row], entry: Mapping[str, object], place: str) -> Row:
    """Return one entry of a law file as a value of ``kind``.

    Args:
        kind: the dataclass to fill; its field names are the keys of the file.
        entry: the table as TOML gives it.
        place: file and entry, for the refusal.

    Raises:
        RulesBroken: a key is missing or unknown, or a value has another type or is not in its vocabulary.
    """
    hints: dict[str, Any] = get_type_hints(kind)
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    wrong = sorted((entry.keys() - hints.keys()) | (needed - entry.keys()))
    if wrong:
        raise RulesBroken(f"{place}: these keys are missing or unknown: {', '.join(wrong)}.")
    values: dict[str, Any] = {key: _value(hints[key], value, f"{place}, {key}") for key, value in entry.items()}
    return kind(**values)


def _value(wanted: Any, value: object, place: str) -> object:
    if get_origin(wanted) is tuple and isinstance(value, list | tuple):
        return tuple(_value(get_args(wanted)[0], one, place) for one in value)
    if isinstance(value, str) and issubclass(wanted, StrEnum):
        return _word(wanted, value, place)
    # "is", not isinstance: TOML's true is no number although Python's bool is an int.
    if type(value) is not wanted:
        raise RulesBroken(f"{place}: {value!r} is not what belongs here.")
    return value


def _word(wanted: type[StrEnum], value: str, place: str) -> StrEnum:
    try:
        return wanted(value)
    except ValueError as unknown:
        raise RulesBroken(f"{place}: {value!r} is not one of {', '.join(wanted)}.") from unknown
