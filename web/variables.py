"""The environment variables an operator can set: name, default, meaning. README and ``rightsdesk doctor`` list them."""

from dataclasses import dataclass
from typing import Final

KEYS_FILE: Final = "rightsdesk.keys"


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, what holds when it is not set, and what it means."""

    name: str
    default: str
    meaning: str
    is_secret: bool = False


SETTINGS: Final = (
    Setting("RIGHTSDESK_PUBLIC_URL", "", "Address of the portal as families see it, like https://requests.example.org"),
    Setting("RIGHTSDESK_SMS", "", "Where texts go: twilio, console or file:PATH (the last two on this machine only)"),
    Setting(
        "RIGHTSDESK_MAIL", "", "Where mail goes: smtp://…, console or file:PATH (the last two on this machine only)"
    ),
    Setting("RIGHTSDESK_DATA", "./data", "Folder for everything the portal writes on this machine"),
    Setting(
        "RIGHTSDESK_DATABASE",
        "SQLite in the data folder",
        "Database URL: sqlite:///… or postgresql+psycopg://…",
        is_secret=True,
    ),
    Setting(
        "RIGHTSDESK_KEYS_DATABASE",
        "SQLite in the data folder",
        "Second database for the data subjects' keys; needed with PostgreSQL",
        is_secret=True,
    ),
    Setting(
        "RIGHTSDESK_KEYS",
        f"{KEYS_FILE} in the data folder",
        "File of the master key, readable by its owner only; or the text of such a file, from a secret store",
        is_secret=True,
    ),
    Setting(
        "RIGHTSDESK_REGIONS",
        "one region, us",
        "File (TOML) with one table a region; each may set places and senders of its own",
    ),
    Setting("RIGHTSDESK_TRUSTED_PROXIES", "none", "Networks, divided by commas, whose X-Forwarded-For is believed"),
    Setting("RIGHTSDESK_METRICS", "off", "Address like 127.0.0.1:9464 on which /metrics is served"),
    Setting("RIGHTSDESK_MAIL_FROM", "no-reply@ the portal's host", "Sender of mail"),
    Setting(
        "RIGHTSDESK_COUNTRIES", "US", "Countries whose numbers get codes, like US,CA; US has its territories with it"
    ),
    Setting("RIGHTSDESK_TEXTS_A_DAY", "2000", "Codes that leave the portal in 24 hours, for all agencies together"),
    Setting("RIGHTSDESK_TEXT_PRICE", "0.0125", "What one segment of a text costs, in the carrier's currency"),
    Setting("RIGHTSDESK_CALL_PRICE", "0.05", "What one call with a code costs"),
    Setting("RIGHTSDESK_SPEND_A_DAY", "40", "What the codes of all agencies may cost in 24 hours"),
    Setting("RIGHTSDESK_AGENCY_SPEND_A_DAY", "20", "What the codes of one agency may cost in 24 hours"),
    Setting("RIGHTSDESK_OPERATOR_MAIL", "nobody", "Mail address that is told when codes cost much or stand still"),
    Setting("TWILIO_ACCOUNT_SID", "", "Account of the text carrier"),
    Setting("TWILIO_AUTH_TOKEN", "", "Secret of that account; it also proves the carrier's reports", is_secret=True),
    Setting("TWILIO_FROM", "", "Number that sends the codes, like +12125550100"),
    Setting("TWILIO_MESSAGING_SERVICE_SID", "", "Messaging service that sends, instead of a number"),
    Setting(
        "TWILIO_NOTICES_FROM",
        "as the codes",
        "Another number for notices, so that STOP on a notice does not end sign-in",
    ),
    Setting(
        "TWILIO_NOTICES_MESSAGING_SERVICE_SID", "", "Messaging service that sends the notices, instead of a number"
    ),
    Setting("TWILIO_CALLS_FROM", "off", "Number that calls with a code; without one nobody can ask for a call"),
    Setting("TWILIO_API_URL", "", "Loopback address of a stand-in for the carrier, for tests"),
)
SERVING: Final = frozenset({"RIGHTSDESK_PUBLIC_URL", "RIGHTSDESK_SMS", "RIGHTSDESK_MAIL"})
