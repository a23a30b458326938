"""What surrounds every request: hosts, origins, headers, addresses, limits and the one log line."""

import json
import logging
from ipaddress import ip_network
from pathlib import Path

import pytest
from given import Clock, given_agency, given_browser, given_portal
from screens_given import SCREENS
from starlette.testclient import TestClient

from rightsdesk.web import forms
from rightsdesk.web.app import app_of
from rightsdesk.web.middleware import CSP, client_address
from rightsdesk.web.portal import Portal

ORIGIN = "https://testserver"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    portal = given_portal(tmp_path, Clock())
    given_agency(portal)
    return portal


@pytest.fixture
def visitor(portal: Portal) -> TestClient:
    visitor = given_browser(portal, SCREENS)
    del visitor.headers["sec-fetch-site"]
    return visitor


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "testserver@evil.example", "["])
def test_a_strange_host_is_refused(visitor: TestClient, host: str) -> None:
    assert visitor.get("/marigold/start", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["testserver", "TESTSERVER:443", "127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_the_public_host_and_this_machine_are_known(visitor: TestClient, host: str) -> None:
    assert visitor.get("/marigold/start", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": ORIGIN},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver"},
        {},
    ],
)
def test_a_form_from_elsewhere_is_refused(visitor: TestClient, headers: dict[str, str]) -> None:
    assert visitor.post("/marigold/start", headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": ORIGIN}])
def test_a_form_of_our_own_pages_is_taken(visitor: TestClient, headers: dict[str, str]) -> None:
    assert visitor.post("/marigold/start", headers=headers).status_code == 200


def test_programs_with_a_token_need_no_origin_unless_they_carry_a_cookie(visitor: TestClient) -> None:
    assert visitor.post("/api/none").status_code == 404
    assert visitor.post("/api/none", headers={"cookie": "__Host-rightsdesk=x"}).status_code == 403


def test_what_a_carrier_calls_reads_no_cookie_and_so_minds_none(visitor: TestClient) -> None:
    for headers in ({}, {"cookie": "__Host-rightsdesk=x"}):
        assert visitor.post("/hooks/none", headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["/marigold/start", "/marigold/no-such-page", "/static/app.css", "/health/live"])
def test_every_answer_carries_the_headers_that_bind_the_browser(visitor: TestClient, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["x-request-id"]


@pytest.mark.parametrize(
    "path", ["/nowhere/start", "/marigold/refuses/moved", "/marigold/refuses/unknown", "/static/no"]
)
def test_no_cache_keeps_the_page_of_a_refusal(visitor: TestClient, path: str) -> None:
    assert visitor.get(path).headers["cache-control"] == "no-store"


def test_an_address_without_its_last_slash_leads_on_by_its_path_alone(portal: Portal) -> None:
    # The proxy speaks plain http with us: a whole address would lead the family's browser out of https.
    visitor = TestClient(app_of(portal), base_url="http://testserver", follow_redirects=False)
    assert visitor.get("/marigold", params={"lang": "es"}).headers["location"] == "/marigold/?lang=es"
    assert visitor.get("http://testserver//evil.example").status_code == 404


def test_no_page_has_a_script_or_a_style_inside(visitor: TestClient) -> None:
    page = visitor.get("/marigold/no-such-page").text
    assert "<script>" not in page
    assert "<style" not in page
    assert "style=" not in page


def test_the_log_line_holds_the_pattern_of_the_path_and_nothing_of_it(
    visitor: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rightsdesk.access")
    visitor.get("/marigold/refuses/MariaGarcia", params={"q": "+12125550142"})
    line = json.loads(caplog.records[-1].message)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/{agency}/refuses/{how}", 200)
    assert line["request_id"]
    assert "Maria" not in caplog.text
    assert "2125550142" not in caplog.text


def test_a_page_that_was_refused_before_anybody_looked_names_its_line_in_the_log(visitor: TestClient) -> None:
    for answer in (visitor.get("/", headers={"host": "evil.example"}), visitor.post("/marigold/start")):
        assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize(
    ("client", "forwarded", "trusted", "seen"),
    [
        ("203.0.113.1", "198.51.100.7", (), "203.0.113.1"),
        ("203.0.113.1", "198.51.100.7", ("10.0.0.0/8",), "203.0.113.1"),
        ("10.0.0.1", "198.51.100.7", ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2", ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, nonsense", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "", ("10.0.0.0/8",), "10.0.0.1"),
        ("::1", "2001:db8::9", ("::1/128",), "2001:db8::9"),
    ],
)
def test_a_forwarded_address_is_believed_only_from_a_proxy_that_is_named(
    client: str, forwarded: str, trusted: tuple[str, ...], seen: str
) -> None:
    scope = {"type": "http", "client": (client, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert client_address(scope, tuple(ip_network(one) for one in trusted)) == seen


@pytest.mark.parametrize(
    ("body", "kind"), [(b"a=1", "text/plain"), (b'{"a":1}', "application/json"), (b"a=1", "application/octet-stream")]
)
def test_only_forms_are_read(visitor: TestClient, body: bytes, kind: str) -> None:
    headers = {"content-type": kind, "sec-fetch-site": "same-origin"}
    assert visitor.post("/marigold/start", content=body, headers=headers).status_code == 400


def test_a_button_without_fields_is_a_form(visitor: TestClient) -> None:
    assert visitor.post("/marigold/start", headers={"sec-fetch-site": "same-origin"}).text == "|"


@pytest.mark.parametrize("chunked", [False, True])
def test_more_than_a_page_takes_is_refused_in_words(visitor: TestClient, chunked: bool) -> None:  # noqa: FBT001 - a case
    body = b"a=" + b"x" * 200
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    answer = visitor.post("/marigold/small", content=iter([body]) if chunked else body, headers=headers)
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_a_field_or_a_number_of_fields_no_page_of_ours_sends_is_refused(visitor: TestClient) -> None:
    visitor.headers["sec-fetch-site"] = "same-origin"
    assert visitor.post("/marigold/start", data={"a": "x" * (forms.FIELD_BYTES + 1)}).status_code == 400
    many = {f"f{number}": "x" for number in range(forms.MAX_FIELDS + 1)}
    assert visitor.post("/marigold/start", data=many).status_code == 400


def test_a_single_field_that_comes_twice_is_refused_and_a_repeated_one_is_not(visitor: TestClient) -> None:
    visitor.headers["sec-fetch-site"] = "same-origin"
    assert visitor.post("/marigold/start", data={"a": ["1", "2"]}).status_code == 400
    assert visitor.post("/marigold/start", data={"a": "1", "b": ["x", "y", "x", ""]}).text == "1|x,y"


def test_text_is_composed_trimmed_and_freed_of_controls() -> None:
    assert forms.clean("  Lu\u0069\u0301s\x00\r\nLo\u0301pez\x1b ") == "Lu\u00eds\nL\u00f3pez"


def test_text_pages_travel_compressed(visitor: TestClient) -> None:
    assert visitor.get("/marigold/no-such-page").headers["content-encoding"] == "gzip"
