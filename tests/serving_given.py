"""``rightsdesk serve`` as an operator starts it, and a twin: another process on the databases of a test's portal.

Run as: python serving_given.py, with settings and an instant on standard input. It says at which port it serves.
"""

import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2
import uvicorn
from databases import url_of
from given import Clock
from tree_given import ROOT

from rightsdesk.web.app import app_of, wire
from rightsdesk.web.portal import Portal

WAIT: Final = 60.0


def given_serving(folder: Path, *words: str, **variables: str) -> "subprocess.Popen[str]":
    """Start serving at a free port; what it says comes on its standard error."""
    settings = {
        "RIGHTSDESK_DATA": str(folder),
        "RIGHTSDESK_DATABASE": url_of(folder, "rightsdesk"),
        "RIGHTSDESK_KEYS_DATABASE": url_of(folder, "subject-keys"),
        "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1",
        "RIGHTSDESK_SMS": f"file:{folder / 'texts.jsonl'}",
        "RIGHTSDESK_MAIL": f"file:{folder / 'mail.jsonl'}",
    }
    command = [sys.executable, "-m", "rightsdesk.web", "serve", "--port", "0", *words]
    return subprocess.Popen(command, cwd=ROOT, env=settings | variables, stderr=subprocess.PIPE, text=True)


@contextmanager
def a_twin(portal: Portal) -> Iterator[httpx2.Client]:
    """Yield a browser at another process that serves the same databases; its clock stands where the portal's does."""
    command, pipe = [sys.executable, __file__], subprocess.PIPE
    with subprocess.Popen(command, cwd=Path(__file__).parent, stdin=pipe, stdout=pipe) as twin:
        assert twin.stdin is not None
        assert twin.stdout is not None
        pickle.dump((portal.settings, portal.now()), twin.stdin)
        twin.stdin.close()
        url = f"http://127.0.0.1:{int(twin.stdout.readline())}"
        headers = {"sec-fetch-site": "same-origin", "host": portal.settings.host}
        try:
            with httpx2.Client(base_url=url, headers=headers, follow_redirects=True, timeout=WAIT) as browser:
                yield browser
        finally:
            twin.terminate()


def main() -> None:
    """Serve until told to end."""
    settings, now = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the test that started us
    with socket.create_server(("127.0.0.1", 0)) as place:
        sys.stdout.write(f"{place.getsockname()[1]}\n")
        sys.stdout.flush()
        app = app_of(wire(settings, Clock(now)))
        uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[place])


if __name__ == "__main__":
    main()
