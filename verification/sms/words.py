"""The words of a text code, kept to one GSM-7 segment: a foreign character more than doubles the price."""

import unicodedata
from collections.abc import Mapping
from typing import Final

# 3GPP TS 23.038: the basic table, and the signs that take two places.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE: Final = frozenset("^{}\\[~]|€\f")
SEGMENT: Final = 160

# "clave", not "código": ó is not in GSM-7, and an accent is not dropped to save money.
_SENTENCES: Final = {
    "en": "{code} is your code. It works for 10 minutes. Do not share it.",
    "es": "{code} es su clave. Sirve durante 10 minutos. No la comparta.",
}
_LOCKED: Final = {
    "en": "Too many wrong codes were tried for this phone. It cannot get codes now. Was it not you? Call {phone}",
    "es": "Se probaron muchas claves malas para este celular. Ya no recibe claves. Si no fue usted, llame al {phone}",
}
_CHANGED: Final = {
    "en": "The password of your school account was changed.",
    "es": "Hay una contraseña nueva en su cuenta de la escuela.",
}
_PASSKEY: Final = {
    "en": "A passkey was added to your account here.",
    "es": "Hay una llave de acceso nueva en su cuenta.",
}
_SCHOOL: Final = {
    "en": "A school account now signs in to your account here.",
    "es": "Ahora se entra a su cuenta con una cuenta de la escuela.",
}
_NOT_YOU: Final = {
    "en": ("Was it not you? Call {phone}", "Was it not you? Tell the school."),
    "es": ("Si no fue usted, llame al {phone}", "Si no fue usted, avise a la escuela."),
}
_QUOTES: Final = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")


def septets(text: str) -> int | None:
    """Return the length in GSM-7 septets, or None if a character is outside of it."""
    if not all(sign in _BASIC or sign in _DOUBLE for sign in text):
        return None
    return len(text) + sum(sign in _DOUBLE for sign in text)


def segments(text: str) -> int:
    """Return in how many parts a text travels, each of which is paid for; outside of GSM-7 they hold 70 signs."""
    length, whole, part = septets(text) or 0, SEGMENT, SEGMENT - 7
    if septets(text) is None:
        length, whole, part = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= whole else -(-length // part)


def code_text(agency: str, code: str, host: str, language: str) -> str:
    """Return the text of a code: one segment, no person's name, and ``@host #code`` alone on the last line.

    The agency's name is shortened, or left out, before a second segment is paid for.
    """
    sentence = _SENTENCES.get(language[:2].lower(), _SENTENCES["en"]).format(code=code)
    last = f"\n\n@{host} #{code}"
    name = _fitting(_gsm(agency), SEGMENT - len(": ") - len(sentence) - len(last))
    return f"{name}: {sentence}{last}" if name else sentence + last


def locked_text(agency: str, phone: str, language: str) -> str:
    """Return what the owner of a number is told when codes for it are locked: one segment, nobody's name."""
    told = _LOCKED.get(language[:2].lower(), _LOCKED["en"]).format(phone=_gsm(phone))
    name = _fitting(_gsm(agency), SEGMENT - len(": ") - len(told))
    return f"{name}: {told}" if name else told


def changed_text(agency: str, phone: str, language: str) -> str:
    """Return what somebody is told whose password was changed: one segment, nobody's name."""
    return _told(_CHANGED, agency, phone, language)


def passkey_text(agency: str, phone: str, language: str) -> str:
    """Return what somebody is told to whose account a passkey was added: one segment, nobody's name."""
    return _told(_PASSKEY, agency, phone, language)


def school_text(agency: str, phone: str, language: str) -> str:
    """Return what somebody is told whom a school account signs in from now on: one segment, nobody's name."""
    return _told(_SCHOOL, agency, phone, language)


def _told(words: Mapping[str, str], agency: str, phone: str, language: str) -> str:
    tongue = language[:2].lower() if language[:2].lower() in words else "en"
    call, tell = _NOT_YOU[tongue]
    told = f"{words[tongue]} {call.format(phone=_gsm(phone)) if phone else tell}"
    name = _fitting(_gsm(agency), SEGMENT - len(": ") - len(told))
    return f"{name}: {told}" if name else told


def _gsm(name: str) -> str:
    """Return the name in GSM-7: accents it lacks are dropped, names of other scripts vanish."""
    plain = unicodedata.normalize("NFC", name).translate(_QUOTES)
    signs = (sign if sign in _BASIC else unicodedata.normalize("NFKD", sign)[0] for sign in plain)
    return " ".join("".join(sign for sign in signs if sign in _BASIC).split())


def _fitting(name: str, room: int) -> str:
    words = name.split()
    while words and len(" ".join(words)) > room:
        words.pop()
    return " ".join(words) or name[: max(0, room)].strip()
