"""What an operator sets is checked once, and everything wrong is named at once."""

from pathlib import Path

import pytest

from rightsdesk.verification.reading import UNITED_STATES
from rightsdesk.web.places import Place
from rightsdesk.web.settings import SETTINGS, BadSettings, Outlet, is_loopback, read, read_regions

LOCAL = {
    "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1:8000",
    "RIGHTSDESK_SMS": "console",
    "RIGHTSDESK_MAIL": "file:mail.jsonl",
}
FAR = {
    "RIGHTSDESK_PUBLIC_URL": "https://requests.example.org",
    "RIGHTSDESK_SMS": "twilio",
    "RIGHTSDESK_MAIL": "smtp://mail.example.org",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "secret-token",
    "TWILIO_FROM": "+12125550100",
}


def problems(**changed: str) -> str:
    with pytest.raises(BadSettings) as refused:
        read(FAR | changed)
    return "\n".join(refused.value.problems)


def regions(folder: Path, text: str) -> dict[str, str]:
    """Return the setting that names a file with this text."""
    file = folder / "regions.toml"
    file.write_text(text)
    return {"RIGHTSDESK_REGIONS": str(file)}


def test_with_nothing_set_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(BadSettings) as refused:
        read({})
    told = str(refused.value)
    assert all(name in told for name in ("RIGHTSDESK_PUBLIC_URL", "RIGHTSDESK_SMS", "RIGHTSDESK_MAIL"))


def test_commands_that_send_nothing_need_nothing() -> None:
    settings = read({}, needs=frozenset())
    assert settings.database.startswith("sqlite:///")
    assert settings.data.is_absolute()


def test_files_lie_below_the_data_folder(tmp_path: Path) -> None:
    settings = read(LOCAL | {"RIGHTSDESK_DATA": str(tmp_path)})
    assert settings.keys == tmp_path / "rightsdesk.keys"
    assert settings.database == f"sqlite:///{tmp_path / 'rightsdesk.sqlite3'}"
    assert settings.keys_database == f"sqlite:///{tmp_path / 'subject-keys.sqlite3'}"


@pytest.mark.parametrize("sender", ["console", "file:/var/texts.jsonl"])
def test_senders_that_show_codes_are_refused_when_others_can_reach_the_portal(sender: str) -> None:
    assert "RIGHTSDESK_SMS: console and file: show codes in clear" in problems(RIGHTSDESK_SMS=sender)
    assert "RIGHTSDESK_MAIL: console and file: show codes in clear" in problems(RIGHTSDESK_MAIL=sender)


def test_plain_http_is_for_this_machine_only() -> None:
    assert "https://" in problems(RIGHTSDESK_PUBLIC_URL="http://requests.example.org")
    assert not read(LOCAL).is_secure
    assert read(FAR).is_secure


def test_a_stand_in_for_the_carrier_must_be_on_this_machine() -> None:
    assert "TWILIO_API_URL" in problems(TWILIO_API_URL="https://carrier.example.org")
    carrier = read(FAR | {"TWILIO_API_URL": "http://127.0.0.1:9999"}).carrier
    assert carrier is not None
    assert carrier.api_url == "http://127.0.0.1:9999"


def test_a_carrier_needs_an_account_a_secret_and_a_sender() -> None:
    told = problems(TWILIO_ACCOUNT_SID="", TWILIO_AUTH_TOKEN="", TWILIO_FROM="")
    assert all(name in told for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM or TWILIO_MESSAGING"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RIGHTSDESK_PUBLIC_URL", "requests.example.org"),
        ("RIGHTSDESK_PUBLIC_URL", "https://requests.example.org/portal"),
        ("RIGHTSDESK_PUBLIC_URL", "https://requests.example.org:port"),
        ("RIGHTSDESK_SMS", "pigeon"),
        ("RIGHTSDESK_MAIL", "file:"),
        ("RIGHTSDESK_TRUSTED_PROXIES", "everyone"),
        ("RIGHTSDESK_REGIONS", "/nowhere/regions.toml"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, value: str) -> None:
    assert name in problems(**{name: value})


def test_a_shared_database_needs_a_second_one_for_the_keys() -> None:
    url = "postgresql+psycopg://db.example.org/rightsdesk"
    assert "RIGHTSDESK_KEYS_DATABASE" in problems(RIGHTSDESK_DATABASE=url)
    assert "apart" in problems(RIGHTSDESK_DATABASE=url, RIGHTSDESK_KEYS_DATABASE=url)
    assert not read(FAR | {"RIGHTSDESK_DATABASE": url, "RIGHTSDESK_KEYS_DATABASE": url + "-keys"}).needs_own_worker


def test_data_and_keys_lie_both_in_files_or_both_on_a_server(tmp_path: Path) -> None:
    server, file = "postgresql+psycopg://db.example.org/rightsdesk", f"sqlite:///{tmp_path}/some.sqlite3"
    for main in ("", file):
        told = problems(RIGHTSDESK_DATABASE=main, RIGHTSDESK_KEYS_DATABASE=server)
        assert "RIGHTSDESK_KEYS_DATABASE: while the data lie in a file" in told
    told = problems(RIGHTSDESK_DATABASE=server, RIGHTSDESK_KEYS_DATABASE=file)
    assert "Set RIGHTSDESK_KEYS_DATABASE to PostgreSQL" in told
    assert read(FAR | {"RIGHTSDESK_KEYS_DATABASE": file}).keys_database == file


def test_each_region_has_its_own_places(tmp_path: Path) -> None:
    environ = LOCAL | regions(tmp_path, '[us]\ndata = "/srv/us"\n[eu]\ndata = "/srv/eu"\n')
    assert (read(environ).region, read(environ).data) == ("us", Path("/srv/us"))
    assert read(environ, "eu").data == Path("/srv/eu")
    with pytest.raises(BadSettings, match="no region mars"):
        read(environ, "mars")


def test_of_several_regions_each_lies_below_the_data_folder_and_the_control_store_beside_them(tmp_path: Path) -> None:
    environ = LOCAL | regions(tmp_path, "[us]\n[eu]\n") | {"RIGHTSDESK_DATA": str(tmp_path / "d")}
    found = read_regions(environ | {"RIGHTSDESK_KEYS": "/srv/keys", "RIGHTSDESK_MAIL": "console"})
    assert [one.region for one in found] == ["us", "eu"]
    for one in found:
        folder = tmp_path / "d" / one.region
        assert (one.data, one.keys) == (folder, folder / "rightsdesk.keys")
        assert one.database == f"sqlite:///{folder / 'rightsdesk.sqlite3'}"
        assert one.control == f"sqlite:///{tmp_path / 'd' / 'control.sqlite3'}"
        assert one.regions == ("us", "eu")
    named = environ | {"RIGHTSDESK_DATABASE": "postgresql+psycopg://db.example.org/control"}
    assert read(named, "eu").control == "postgresql+psycopg://db.example.org/control"
    assert read(named, "eu").database.startswith("sqlite")
    assert [one.region for one in read_regions(environ, "eu")] == ["eu"]


def test_one_region_needs_no_control_store_whatever_its_name(tmp_path: Path) -> None:
    (one,) = read_regions(LOCAL | regions(tmp_path, "[eu]\n") | {"RIGHTSDESK_DATA": str(tmp_path)})
    assert (one.region, one.control, one.data) == ("eu", "", tmp_path)


def test_each_region_has_its_own_senders(tmp_path: Path) -> None:
    account = 'twilio_account_sid = "AC2"\ntwilio_auth_token = "other"\ntwilio_from = "+4930555"'
    own = f'{account}\nmail_from = "eu@example.org"'
    environ = FAR | {"TWILIO_NOTICES_FROM": "+12125550101"} | regions(tmp_path, f"[us]\n[eu]\n{own}\n")
    us, eu = read_regions(environ)
    assert us.carrier is not None
    assert eu.carrier is not None
    assert (us.carrier.account, us.carrier.notices_sender) == ("AC1", "+12125550101")
    assert (eu.carrier.account, eu.carrier.sender, eu.carrier.notices_sender) == ("AC2", "+4930555", "")
    assert (us.mail_from, eu.mail_from) == ("no-reply@requests.example.org", "eu@example.org")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[us]\n[eu]\ndata = "d/us"\n', "eu: its data must be its own, not that of us"),
        (
            '[us]\n[eu]\ndatabase = "sqlite:////srv/control"\n',
            "eu: its database must be its own, not that of the control",
        ),
        ('[us]\nkeys = "/srv/k"\n[eu]\nkeys = "/srv/k"\n', "eu: its keys must be its own"),
        ('[us]\n[eu]\nsms = "pigeon"\n', "eu: RIGHTSDESK_SMS: choose"),
        ('[us]\n[eu]\naddress = "http://eu.example.org"\n', "https://"),
        ("[us]\n[Europe]\n", "small letters"),
    ],
)
def test_what_is_wrong_with_a_region_is_told_with_its_name(tmp_path: Path, text: str, told: str) -> None:
    places = {"RIGHTSDESK_DATA": str(Path("d").absolute()), "RIGHTSDESK_DATABASE": "sqlite:////srv/control"}
    with pytest.raises(BadSettings) as refused:
        read_regions(FAR | places | regions(tmp_path, text))
    assert told in str(refused.value)


def test_what_is_wrong_for_all_regions_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refused:
        read_regions(FAR | regions(tmp_path, "[us]\n[eu]\n") | {"RIGHTSDESK_METRICS": "here"})
    assert len(refused.value.problems) == 1
    with pytest.raises(BadSettings, match="eu: its sms must be its own"):
        read_regions(LOCAL | regions(tmp_path, "[us]\n[eu]\n") | {"RIGHTSDESK_SMS": "file:texts.jsonl"})


def test_a_region_cannot_set_what_holds_for_all(tmp_path: Path) -> None:
    assert "RIGHTSDESK_REGIONS" in problems(**regions(tmp_path, '[us]\npublic_url = "https://evil.example.org"\n'))


def test_no_secret_is_shown_when_settings_are_printed() -> None:
    shown = repr(read(FAR | {"RIGHTSDESK_DATABASE": "sqlite:////srv/hunter2"}))
    assert "secret-token" not in shown
    assert "hunter2" not in shown


def test_every_setting_says_what_it_means() -> None:
    assert all(setting.meaning for setting in SETTINGS)
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_is_known_by_its_loopback_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1.example.org", "localhost.example.org", "", None, "10.0.0.1"])
def test_other_machines_are_not(host: str | None) -> None:
    assert not is_loopback(host)


def test_a_mail_server_is_kept_out_of_print() -> None:
    assert "password" not in repr(Outlet("smtp", "smtp://me:password@mail.example.org"))


@pytest.mark.parametrize(
    "written", ["9464", "127.0.0.1", "127.0.0.1:", "metrics.example.org:9464", "http://127.0.0.1:9"]
)
def test_the_address_of_the_figures_is_one_of_this_machine_with_a_port(written: str) -> None:
    assert "RIGHTSDESK_METRICS: write an address of this machine and a port" in problems(RIGHTSDESK_METRICS=written)
    assert read(FAR | {"RIGHTSDESK_METRICS": "[::1]:9464"}).metrics == Place("::1", 9464)
    assert read(FAR).metrics is None


def test_the_countries_prices_and_ceilings_of_codes_have_sane_defaults() -> None:
    texting = read(LOCAL).texting
    assert texting.countries == UNITED_STATES
    assert (texting.texts_a_day, texting.prices.text, texting.prices.call) == (2000, 12_500, 50_000)
    assert (texting.ceilings.agency, texting.ceilings.portal) == (20_000_000, 40_000_000)
    assert texting.operator == ""


def test_each_region_has_its_own_countries_prices_and_ceilings(tmp_path: Path) -> None:
    eu = '[eu]\ncountries = "DE, fr"\ntext_price = "0.08"\nspend_a_day = "90.5"\noperator_mail = "duty@example.org"\n'
    environ = LOCAL | regions(tmp_path, f'[us]\ncountries = "US,CA"\n{eu}') | {"RIGHTSDESK_CALL_PRICE": "0.2"}
    us, there = read(environ).texting, read(environ, "eu").texting
    assert us.countries == UNITED_STATES | {"CA"}
    assert (us.prices.text, us.prices.call) == (12_500, 200_000)
    assert there.countries == {"DE", "FR"}
    assert (there.prices.text, there.ceilings.portal, there.operator) == (80_000, 90_500_000, "duty@example.org")
    assert "duty" not in repr(there)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RIGHTSDESK_COUNTRIES", "US,XX"),
        ("RIGHTSDESK_COUNTRIES", ","),
        ("RIGHTSDESK_TEXTS_A_DAY", "0"),
        ("RIGHTSDESK_TEXTS_A_DAY", "many"),
        ("RIGHTSDESK_TEXTS_A_DAY", "1000001"),
        ("RIGHTSDESK_TEXT_PRICE", "-1"),
        ("RIGHTSDESK_CALL_PRICE", "a cent"),
        ("RIGHTSDESK_SPEND_A_DAY", "nan"),
        ("RIGHTSDESK_AGENCY_SPEND_A_DAY", "0"),
        ("RIGHTSDESK_OPERATOR_MAIL", "duty"),
        ("RIGHTSDESK_OPERATOR_MAIL", "a@example.org, b@example.org"),
    ],
)
def test_a_limit_of_codes_that_cannot_be_read_is_named(name: str, value: str) -> None:
    assert name in problems(**{name: value})


def test_calls_and_notices_have_senders_of_their_own_where_they_are_set() -> None:
    plain = read(FAR).carrier
    apart = read(FAR | {"TWILIO_NOTICES_MESSAGING_SERVICE_SID": "MG1", "TWILIO_CALLS_FROM": "+12125550102"}).carrier
    assert plain is not None
    assert apart is not None
    assert (plain.has_notices_apart, plain.calls_sender) == (False, "")
    assert (apart.has_notices_apart, apart.calls_sender) == (True, "+12125550102")
