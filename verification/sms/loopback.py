"""Twilio's client pointed at a stand-in on this machine; imported only when it is wanted, because it loads Twilio."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response


class LoopbackHttpClient(TwilioHttpClient):  # type: ignore[misc]  # Twilio has no types
    """Sends Twilio's calls to a loopback address, path and query unchanged; ``TwilioTexts`` checks that it is one."""

    def __init__(self, address: str, timeout: float) -> None:
        super().__init__(timeout=timeout, max_retries=0)
        self._address = urlsplit(address)

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        """Send the request to the stand-in and return its answer."""
        asked = urlsplit(url)
        return super().request(method, urlunsplit(self._address[:2] + asked[2:]), *args, **options)
