"""The words of a code that is read out: slowly, twice, and nobody's name."""

from dataclasses import dataclass
from typing import Final

_VOICES: Final = {"en": "en-US", "es": "es-MX"}
_GREETING: Final = {
    "en": "Hello. This is the code you asked for.",
    "es": "Hola. Esta es la clave que pidió.",
}
_AGAIN: Final = {"en": "Once more.", "es": "Otra vez."}
_END: Final = {
    "en": "It works for 10 minutes. Do not share it. Goodbye.",
    "es": "Sirve durante 10 minutos. No la comparta. Adiós.",
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a voice says, piece by piece with a pause after each; ``language`` is that of the voice, like "en-US"."""

    language: str
    pieces: tuple[str, ...]

    def __repr__(self) -> str:
        """Return nothing of the content: a trace must hold no code."""
        return f"Spoken({self.language!r})"


def spoken_code(code: str, language: str) -> Spoken:
    """Return what a call says; other languages than ours are told in English, as texts are."""
    own = language[:2].lower() if language[:2].lower() in _VOICES else "en"
    # Digit by digit: a voice that is given all six reads "four hundred thousand".
    return Spoken(_VOICES[own], (_GREETING[own], *code, _AGAIN[own], *code, _END[own]))
