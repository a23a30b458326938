"""The text and the mail that announce something: short, without a person's name, without a secret in the link."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rightsdesk.requests.law.filling import fill, need, required
from rightsdesk.requests.law.kinds import Line
from rightsdesk.requests.law.wording import Language, words

__all__ = ["Language", "Message", "NoticeKind", "message", "segments"]


class NoticeKind(StrEnum):
    """What a family is told about a case, by the tables of a case's life and of its hearing."""

    RECEIPT = "RECEIPT"
    PROOF_NEEDED = "PROOF_NEEDED"
    EXPIRED = "EXPIRED"
    DUPLICATE = "DUPLICATE"
    QUESTION = "QUESTION"
    ANSWERED = "ANSWERED"
    EXTENDED = "EXTENDED"
    APPROVED = "APPROVED"
    PARTIAL = "PARTIAL"
    DENIED = "DENIED"
    STOPPED = "STOPPED"
    READY = "READY"
    CORRECTED = "CORRECTED"
    ERASED = "ERASED"
    WITHDRAWN = "WITHDRAWN"
    REOPENED = "REOPENED"
    LATE = "LATE"
    BLOCKED = "BLOCKED"
    PACKAGE_ENDING = "PACKAGE_ENDING"
    RIGHTS_MOVED = "RIGHTS_MOVED"
    HEARING_RECEIVED = "HEARING_RECEIVED"
    HEARING_DATE = "HEARING_DATE"
    HEARING_DROPPED = "HEARING_DROPPED"
    HEARING_WON = "HEARING_WON"
    HEARING_LOST = "HEARING_LOST"
    STATEMENT_KEPT = "STATEMENT_KEPT"


@dataclass(frozen=True, slots=True)
class Message:
    """One notice in both forms: ``text`` for the phone, ``subject`` and plain ``body`` for mail."""

    text: str
    subject: str
    body: str


# 3GPP TS 23.038, section 6.2.1: one letter outside these costs 70 letters a part instead of 160.
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE: Final = frozenset("^{}\\[~]|€")


def segments(text: str) -> int:
    """Return how many parts a text message costs: 160 letters of GSM-7 or 70 of UCS-2, less when it is split."""
    if all(letter in _GSM or letter in _GSM_DOUBLE for letter in text):
        return _parts([1 + (letter in _GSM_DOUBLE) for letter in text], 160, 153)
    return _parts([len(letter.encode("utf-16-le")) // 2 for letter in text], 70, 67)


def message(kind: NoticeKind, language: Language, values: Mapping[str, str], clock: Line | None = None) -> Message:
    """Return the text and the mail of a notice.

    A long agency name loses its last words in the text, and accents that GSM-7 lacks, so that one part is enough.
    ``clock`` says what a question does to the clock (PROOF_NEEDED, QUESTION).

    Raises:
        LetterIncomplete: a placeholder has no value; every missing one is named.
    """
    spoken = words(language)
    template = spoken.messages[kind]
    body = (*template.body, "{agency}")
    lines = (spoken.lines[clock],) if clock else ()
    need(required(template.text, template.subject, *body, *lines), values)
    told = {**values, "clock_line": fill(lines[0], values) if lines else ""}
    return Message(
        text=_fitted(template.text, values),
        subject=" ".join(fill(template.subject, told).split()),
        body="\n\n".join(filter(None, (fill(part, told) for part in body))) + "\n",
    )


def _fitted(template: str, values: Mapping[str, str]) -> str:
    name = _plain(values["agency"]).split()
    tries = [" ".join(name[:kept]) for kept in range(len(name), 0, -1)]
    texts = [" ".join(fill(template, {**values, "agency": shorter}).split()) for shorter in tries]
    return next((text for text in texts if segments(text) == 1), texts[-1])


def _plain(name: str) -> str:
    return "".join(letter if letter in _GSM else _without_accent(letter) for letter in name)


def _without_accent(letter: str) -> str:
    stem = unicodedata.normalize("NFKD", letter)[0]
    return stem if stem in _GSM else letter


def _parts(costs: list[int], whole: int, split: int) -> int:
    if sum(costs) <= whole:
        return 1
    parts, used = 1, 0
    for cost in costs:
        if used + cost > split:
            parts, used = parts + 1, 0
        used += cost
    return parts
