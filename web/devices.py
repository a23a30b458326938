"""What somebody signed in on, in a word or two that they recognise: never the whole line that a browser sends."""

from typing import Final

# The first that is named counts: Edge also calls itself Chrome, and Chrome calls itself Safari.
_BROWSERS: Final = (
    ("Edg/", "edge"),
    ("SamsungBrowser/", "samsung"),
    ("OPR/", "opera"),
    ("Firefox/", "firefox"),
    ("FxiOS/", "firefox"),
    ("CriOS/", "chrome"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("Android", "android"),
    ("CrOS", "chromebook"),
    ("Windows", "windows"),
    ("Macintosh", "mac"),
    ("Linux", "linux"),
)


def device_of(agent: str) -> str:
    """Return browser and system of a User-Agent line, like "chrome.windows"; what is not known is left out."""
    found = (next((word for sign, word in known if sign in agent[:400]), "") for known in (_BROWSERS, _SYSTEMS))
    return ".".join(found)
