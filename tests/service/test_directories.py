"""A new password reaches a real OpenLDAP server and a SCIM server; whatever they do, we say truly what became of it."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from uuid import UUID

import pytest
from directories_given import (
    OLD,
    ROOT_DN,
    TOKEN,
    Scim,
    Slapd,
    between,
    free_port,
    running_scim,
    running_slapd,
    silent,
)
from flooding_given import flooding

from rightsdesk.verification.directories.ldap import LdapDirectory
from rightsdesk.verification.directories.port import Account, Changed, Down, Elsewhere, Kind, Refused, Unsure
from rightsdesk.verification.directories.scim import ScimDirectory
from rightsdesk.verification.directories.terms import BadDirectory, Dialect, Terms, check
from rightsdesk.verification.loopback import is_public

pytestmark = pytest.mark.files

NEW = "sieben graue Laternen über Tuvalu"
AVA = Account(UUID(int=1), "ava.okonjo")
ZOE = Account(UUID(int=2), "zoe (9)*")
NOBODY = Account(UUID(int=3), "nobody.known")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with running_slapd(tmp_path_factory.mktemp("slapd"), AVA.username, "zoe (9)*") as server:
        yield server


@pytest.fixture
def scim() -> Iterator[Scim]:
    with running_scim(AVA.username, ZOE.username) as server:
        yield server


@pytest.mark.parametrize("how", ["plain on loopback", "StartTLS", "ldaps"])
def test_ldap_gives_the_account_the_password_and_the_old_one_is_gone(slapd: Slapd, how: str) -> None:
    url = f"ldaps://127.0.0.1:{slapd.secure_port}" if how == "ldaps" else f"ldap://127.0.0.1:{slapd.port}"
    authority = "" if how == "plain on loopback" else slapd.authority
    new = f"{NEW} by {how}"
    directory = LdapDirectory(slapd.terms(url=url, authority=authority))
    assert directory.reach() == ""
    assert directory.set_password(AVA, new) == Changed()
    assert slapd.takes(AVA.username, new)
    assert not slapd.takes(AVA.username, OLD)


def test_ldap_reads_no_sign_of_a_username_as_a_search(slapd: Slapd) -> None:
    directory = LdapDirectory(slapd.terms())
    assert directory.set_password(replace(AVA, username="*"), NEW) == Elsewhere()
    assert directory.set_password(replace(AVA, username="a)(uid=*"), NEW) == Elsewhere()
    assert directory.set_password(replace(AVA, username=""), NEW) == Elsewhere()
    assert directory.set_password(ZOE, NEW) == Changed()


def test_ldap_knows_no_account_of_that_name(slapd: Slapd) -> None:
    assert LdapDirectory(slapd.terms()).set_password(NOBODY, NEW) == Elsewhere()


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"secret": "wrong"}, "not_let_in"),
        ({"login": f"{ROOT_DN},dc=no"}, "not_let_in"),
        ({"base": "dc=elsewhere,dc=example"}, "no_such_place"),
        ({"url": "ldap://127.0.0.1:1"}, "unreachable"),
    ],
)
def test_ldap_that_lets_us_not_in_changes_nothing(slapd: Slapd, others: dict[str, str], why: str) -> None:
    directory = LdapDirectory(slapd.terms(**others))
    assert directory.reach() == why
    assert directory.set_password(AVA, NEW) == Down(why)


# Where the name is wrong the library leaves its socket to the collector, which closes it and says so.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_ldap_whose_certificate_nobody_vouches_for_gets_no_password(slapd: Slapd) -> None:
    secure = slapd.terms(url=f"ldaps://127.0.0.1:{slapd.secure_port}")
    assert LdapDirectory(secure).set_password(AVA, NEW) == Down("unreachable")
    named = slapd.terms(url=f"ldap://localhost:{slapd.port}", authority=slapd.authority)
    assert LdapDirectory(named).reach() == "not_secure", "the certificate is for another name"


def test_active_directory_gets_the_attribute_it_wants(slapd: Slapd) -> None:
    directory = LdapDirectory(slapd.terms(dialect=Dialect.ACTIVE_DIRECTORY))
    seen: list[bytes] = []

    def watch(piece: bytes) -> bool:
        seen.append(piece)
        return False

    with between(slapd.port, watch) as port:
        through = replace(directory, terms=replace(directory.terms, url=f"ldap://127.0.0.1:{port}"))
        assert through.set_password(AVA, NEW) == Down("refused"), "OpenLDAP has no such attribute"
    said = b"".join(seen)
    assert b"unicodePwd" in said
    assert f'"{NEW}"'.encode("utf-16-le") in said


def test_ldap_that_is_silent_or_slow_ends_by_its_deadline() -> None:
    with silent() as port:
        terms = Terms(Kind.LDAP, f"ldap://127.0.0.1:{port}", ROOT_DN, "x", "dc=x", is_inside=True)
        directory = LdapDirectory(terms, deadline=1.0)
        assert directory.set_password(AVA, NEW) == Down("unreachable")
        assert directory.reach() == "unreachable"


def test_ldap_that_hangs_up_after_the_change_leaves_us_unsure(slapd: Slapd) -> None:
    new = f"{NEW} unheard"
    with between(slapd.port, lambda piece: new.encode() in piece) as port:
        directory = LdapDirectory(slapd.terms(url=f"ldap://127.0.0.1:{port}"))
        assert directory.set_password(AVA, new) == Unsure()
    assert slapd.takes(AVA.username, new), "it was changed, and nobody heard the answer"


def test_scim_gives_the_account_the_password(scim: Scim) -> None:
    directory = ScimDirectory(scim.terms())
    assert directory.reach() == ""
    assert directory.set_password(AVA, NEW) == Changed()
    assert scim.password(AVA.username) == NEW
    assert scim.password(ZOE.username) == OLD


def test_scim_reads_no_sign_of_a_username_as_a_filter(scim: Scim) -> None:
    directory = ScimDirectory(scim.terms())
    assert directory.set_password(replace(AVA, username='x" or userName pr or userName eq "'), NEW) == Elsewhere()
    assert directory.set_password(NOBODY, NEW) == Elsewhere()
    assert directory.set_password(replace(AVA, username=""), NEW) == Elsewhere()
    assert scim.password(AVA.username) == OLD


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"secret": "wrong"}, "not_let_in"),
        ({"url": "http://127.0.0.1:1/v2"}, "unreachable"),
    ],
)
def test_scim_that_lets_us_not_in_changes_nothing(scim: Scim, others: dict[str, str], why: str) -> None:
    directory = ScimDirectory(scim.terms(**others))
    assert directory.reach() == why
    assert directory.set_password(AVA, NEW) == Down(why)
    assert scim.password(AVA.username) == OLD


def test_scim_that_is_silent_ends_by_its_deadline() -> None:
    with silent() as port:
        terms = Terms(Kind.SCIM, f"http://127.0.0.1:{port}/v2", secret=TOKEN, is_inside=True)
        directory = ScimDirectory(terms, deadline=1.0)
        assert directory.set_password(AVA, NEW) == Down("unreachable")


def test_scim_that_hangs_up_after_the_change_leaves_us_unsure(scim: Scim) -> None:
    with between(scim.port, lambda piece: piece.startswith(b"PATCH") or b"Operations" in piece) as port:
        directory = ScimDirectory(scim.terms(url=f"http://127.0.0.1:{port}/v2"))
        assert directory.set_password(AVA, NEW) == Unsure()


@pytest.mark.parametrize(
    "terms",
    [
        Terms(Kind.LDAP, "http://ldap.example", "cn=x", "secret", "dc=x"),
        Terms(Kind.LDAP, "ldap://ldap.example", "cn=x", "secret"),
        Terms(Kind.LDAP, "ldap://ldap.example", "cn=x", "", "dc=x"),
        Terms(Kind.LDAP, "ldap://ldap.example", "cn=x", "secret", "dc=x", "uid)(x"),
        Terms(Kind.LDAP, "ldap://me:secret@ldap.example", "cn=x", "secret", "dc=x"),
        Terms(Kind.LDAP, "ldap://ldap.example:port", "cn=x", "secret", "dc=x"),
        Terms(Kind.LDAP, "ldap://ldap.example", "cn=x", "secret", "dc=x", authority="no certificate"),
        Terms(Kind.SCIM, "http://scim.example/v2", secret="token"),
        Terms(Kind.SCIM, "https://scim.example/v2"),
        Terms(Kind.ELSEWHERE, "http://passwords.example"),
    ],
)
def test_a_directory_that_could_not_be_used_or_would_leak_is_refused(terms: Terms) -> None:
    with pytest.raises(BadDirectory):
        check(terms)


def test_what_can_be_used_is_taken_and_no_secret_is_shown(slapd: Slapd) -> None:
    assert check(slapd.terms()) == slapd.terms()
    assert check(Terms(Kind.SCIM, "https://scim.example/v2", secret="token")).secret == "token"
    assert check(Terms(Kind.BUILT_IN, "ldap://x")) == Terms()
    assert "let rightsdesk in" not in repr(slapd.terms())
    assert Refused() != Changed()


SOME: Final = 8 * 1024 * 1024  # bytes that lie in the buffers of two sockets, and more


def test_a_directory_that_answers_without_end_is_hung_up_on() -> None:
    """One agency's server must not fill the memory of all."""
    page = b"HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: 67108864\r\n\r\n"
    with flooding(page) as (port, sent):
        terms = Terms(Kind.SCIM, f"http://127.0.0.1:{port}/v2", secret=TOKEN, is_inside=True)
        assert ScimDirectory(terms).set_password(AVA, NEW) == Down("not_scim")
    assert sum(sent) < SOME
    with flooding(b"\x30\x84\x04\x00\x00\x00") as (port, sent):
        terms = Terms(Kind.LDAP, f"ldap://127.0.0.1:{port}", ROOT_DN, "x", "dc=x", is_inside=True)
        assert LdapDirectory(terms).set_password(AVA, NEW) == Down("unreachable")
    assert sum(sent) < SOME


def test_what_unpacks_to_more_than_it_weighs_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    page = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with flooding(page + bomb) as (port, _):
        terms = Terms(Kind.SCIM, f"http://127.0.0.1:{port}/v2", secret=TOKEN, is_inside=True)
        assert ScimDirectory(terms).reach() == "not_scim"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_what_an_office_entered_is_not_looked_for_behind_our_walls(host: str) -> None:
    """A name that it owns leads anywhere. Open or not, a port there is told the same, and nobody is called."""
    with silent() as port:
        for terms in (
            Terms(Kind.LDAP, f"ldap://{host}:{port}", ROOT_DN, "x", "dc=x"),
            Terms(Kind.LDAP, f"ldaps://{host}:{free_port()}", ROOT_DN, "x", "dc=x"),
        ):
            assert LdapDirectory(terms, deadline=1.0).reach() == "inside"
        for place in (port, free_port()):
            assert ScimDirectory(Terms(Kind.SCIM, f"https://{host}:{place}/v2", secret="x"), 1.0).reach() == "inside"


def test_an_address_within_a_network_is_not_public_however_it_is_written() -> None:
    assert is_public("203.0.114.1")
    assert is_public("64:ff9b::cb00:7201")
    assert not any(map(is_public, ("10.0.0.1", "64:ff9b::a00:1", "::ffff:10.0.0.1", "169.254.169.254", "fd00::1")))
    assert not any(map(is_public, ("::7f00:1", "::ffff:0:a00:1", "64:ff9b:1::a00:1", "fec0::1", "::", "::1")))
