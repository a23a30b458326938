"""The suite reaches nothing but this machine, whichever way it tries."""

import smtplib
import socket
from datetime import datetime
from pathlib import Path

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", b"example.org", "2001:db8::1"])
def test_no_name_or_address_elsewhere_is_looked_up(host: str | bytes) -> None:
    for lookup in (socket.gethostbyname, lambda name: socket.getaddrinfo(name, 443)):
        with pytest.raises(RuntimeError, match="loopback"):
            lookup(host)


def test_no_socket_connects_elsewhere() -> None:
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as packets:
        for leave in (stream.connect, stream.connect_ex, lambda address: packets.sendto(b"out", address)):
            with pytest.raises(RuntimeError, match="loopback"):
                leave(("192.0.2.1", 443))


def test_mail_libraries_are_held_back_too() -> None:
    with pytest.raises(RuntimeError, match="loopback"):
        smtplib.SMTP("mail.example.org")


def test_a_loopback_connection_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socket.create_connection(listening.getsockname(), timeout=5).close()


def test_the_clock_stands_still_at_noon_in_new_york(now: datetime) -> None:
    assert now.isoformat() == "2026-11-23T17:00:00+00:00"


def test_the_data_folder_is_private_and_empty(data_folder: Path) -> None:
    assert (data_folder.stat().st_mode & 0o777, list(data_folder.iterdir())) == (0o700, [])
