"""Directories that nobody here wrote: a real OpenLDAP server, a SCIM server, and a listener that misbehaves."""

import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import gettempdir
from threading import Event, Thread
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx2
import ldap3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scim2_models import Resource, ScimProvider, User
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.testserver.cli import ThreadingWSGIServer
from scim2_server.utils import load_default_service_provider_config

from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.directories.terms import Terms

BASE: Final = "dc=marigold,dc=example"
ROOT_DN: Final = f"cn=rightsdesk,{BASE}"
SECRET: Final = "let rightsdesk in"
OLD: Final = "the old password still works"
TOKEN: Final = "a-token-of-the-directory"
SHORTEST: Final = 20  # letters, by the rules of the directory alone
_MODULES: Final = (Path("/usr/lib/ldap"), Path("/usr/lib/openldap"), Path("/usr/libexec/openldap"))
_SCHEMA: Final = Path("/etc/ldap/schema")


def find_slapd() -> str:
    """Return the path of OpenLDAP's server; root on Debian installs it, and it is never started by that.

    Raises:
        RuntimeError: there is none; the words say how to get one.
    """
    beside = os.pathsep.join([*os.get_exec_path(), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which("slapd", path=beside)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        with (Path(gettempdir()) / "rightsdesk-slapd.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two workers of a test run come here at once
            found = shutil.which("slapd", path=beside) or _install_slapd(beside)
    if found is None:
        raise RuntimeError("There is no slapd for the LDAP tests. Run: sudo apt-get install slapd")
    return found


def _install_slapd(path: str) -> str | None:
    install = "apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "
    subprocess.run(["/bin/sh", "-c", f"{install} --no-install-recommends slapd"], check=True)
    return shutil.which("slapd", path=path)


@dataclass(frozen=True, slots=True)
class Slapd:
    """A running server: its addresses, and the certificate that vouches for it."""

    port: int
    secure_port: int
    authority: str

    def terms(self, **others: Any) -> Terms:
        """Return what an agency says about it."""
        said: dict[str, Any] = {"url": f"ldap://127.0.0.1:{self.port}", "login": ROOT_DN, "secret": SECRET}
        return Terms(kind=Kind.LDAP, **{**said, "base": BASE, "is_inside": True, **others})

    def takes(self, username: str, password: str) -> bool:
        """Say whether somebody signs in there with this password."""
        server = ldap3.Server("127.0.0.1", self.port, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, f"uid={username},{BASE}", password)
        try:
            return bool(connection.bind())
        finally:
            connection.unbind()


@contextmanager
def running_slapd(folder: Path, *usernames: str) -> Iterator[Slapd]:
    """Yield a server with these accounts, in a folder of its own, on free ports of this machine; end it by its id."""
    port, secure = free_port(), free_port()
    authority = _write_certificate(folder)
    _write_configuration(folder)
    _load(folder, usernames)
    urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{secure}"
    words = [find_slapd(), "-f", str(folder / "slapd.conf"), "-h", urls, "-d", "0"]
    log = (folder / "slapd.log").open("wb")
    process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield Slapd(port, secure, authority)
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _write_configuration(folder: Path) -> None:
    modules = next((one for one in _MODULES if one.exists()), None)
    loads = [f"modulepath {modules}", "moduleload back_mdb"] if modules else []
    (folder / "data").mkdir()
    lines = [
        *(f"include {_SCHEMA}/{name}.schema" for name in ("core", "cosine", "inetorgperson")),
        *loads,
        f"pidfile {folder}/slapd.pid",
        f"TLSCACertificateFile {folder}/cert.pem",
        f"TLSCertificateFile {folder}/cert.pem",
        f"TLSCertificateKeyFile {folder}/key.pem",
        "database mdb",
        "maxsize 10485760",
        f'suffix "{BASE}"',
        f'rootdn "{ROOT_DN}"',
        f"rootpw {{CLEARTEXT}}{SECRET}" if " " not in SECRET else f'rootpw "{SECRET}"',
        f"directory {folder}/data",
        "access to attrs=userPassword by self write by anonymous auth by * none",
        "access to * by * read",
    ]
    (folder / "slapd.conf").write_text("\n".join(lines) + "\n")


def _load(folder: Path, usernames: tuple[str, ...]) -> None:
    entries = [f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: marigold\no: Marigold\n"]
    entries += [
        f"dn: uid={one},{BASE}\nobjectClass: inetOrgPerson\nuid: {one}\ncn: {one}\nsn: {one}\nuserPassword: {OLD}\n"
        for one in usernames
    ]
    (folder / "start.ldif").write_text("\n".join(entries))
    add = [find_slapd(), "-T", "add", "-f", str(folder / "slapd.conf"), "-l", str(folder / "start.ldif")]
    done = subprocess.run(add, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _write_certificate(folder: Path) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate that counts today
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(secret)
    return pem.decode()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert process.poll() is None, "slapd ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        Event().wait(0.05)
    raise TimeoutError


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Scim:
    """A running SCIM server and what it holds."""

    port: int
    storage: InMemoryStorage

    def terms(self, **others: Any) -> Terms:
        """Return what an agency says about it."""
        said: dict[str, Any] = {"kind": Kind.SCIM, "url": f"http://127.0.0.1:{self.port}/v2", "secret": TOKEN}
        return Terms(**{**said, "is_inside": True, **others})

    def password(self, username: str) -> str:
        """Return the password it holds for somebody."""
        found: list[Resource[Any]] = [
            one for one in self.storage.resources if getattr(one, "user_name", "") == username
        ]
        return str(getattr(found[0], "password", ""))


@contextmanager
def running_scim(*usernames: str) -> Iterator[Scim]:
    """Yield a SCIM server with these accounts on a free port of this machine."""
    storage = InMemoryStorage()
    application = BearerTokenApplication(
        storage, ScimProvider(models=[User], config=load_default_service_provider_config()), bearer_tokens=[TOKEN]
    )
    with make_server("127.0.0.1", 0, application, ThreadingWSGIServer, _Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        scim = Scim(server.server_port, storage)
        for one in usernames:
            body = {"schemas": [str(User.__schema__)], "userName": one, "password": OLD}
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
            answer = httpx2.post(f"http://127.0.0.1:{server.server_port}/v2/Users", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
        yield scim
        server.shutdown()
        thread.join()


@contextmanager
def between(port: int, spoil: Callable[[bytes], bool]) -> Iterator[int]:
    """Yield the port of a go-between that passes everything on, and hangs up after what ``spoil`` says yes to.

    What was spoilt still reaches the server; its answer reaches nobody.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    over = Event()

    def serve() -> None:
        while not over.is_set():
            with suppress(OSError):
                here, _ = listener.accept()
                Thread(target=_pass_on, args=(here, port, spoil), daemon=True).start()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        with suppress(OSError):
            socket.create_connection(listener.getsockname(), 1).close()
        listener.close()
        thread.join(5)


def _pass_on(here: socket.socket, port: int, spoil: Callable[[bytes], bool]) -> None:
    with here, socket.create_connection(("127.0.0.1", port)) as there:
        is_spoilt = Event()

        def back() -> None:
            with suppress(OSError):
                while piece := there.recv(65536):
                    if is_spoilt.is_set():
                        here.shutdown(socket.SHUT_RDWR)
                        return
                    here.sendall(piece)

        thread = Thread(target=back, daemon=True)
        thread.start()
        with suppress(OSError):
            while piece := here.recv(65536):
                if spoil(piece):
                    is_spoilt.set()
                there.sendall(piece)
        thread.join(5)


@contextmanager
def silent() -> Iterator[int]:
    """Yield the port of a listener that takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])
