"""A signed paper that says what an erasure did, element by element, so that anybody can check it without us."""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.fulfilment.store import Certificates
from rightsdesk.requests.fulfilment.tables import CertificateRow
from rightsdesk.requests.ledger.signing import Signer

FORMAT: Final = "rightsdesk-certificate-1"


class LineOutcome(StrEnum):
    """What became of an element in a system."""

    ERASED = "erased"
    KEPT = "kept"
    MASKED = "masked"


@dataclass(frozen=True, slots=True)
class Line:
    """One element in one system: how many records, what became of them, and why where they were not erased.

    ``outcome`` is a word of ``LineOutcome``. ``why`` is a code or a citation of law; no person may be named in it.
    """

    element: str
    system: str
    records: int
    outcome: str
    why: str = ""


def issue(
    docket: Docket, signer: Signer, case: Case, lines: Sequence[Line], backups_clean_by: date, now: datetime
) -> CertificateRow:
    """Return the certificate of an erasure, entered with the case; a second call returns the first one.

    A case that was opened again and carried out again gets another, in the place of the first.

    The student is named by id alone. Backups are clean at the end of the day ``backups_clean_by``.

    Raises:
        ValueError: an outcome is not a word of ``LineOutcome``.
    """
    store = Certificates(docket.session, docket.agency.id)
    issued = store.of_case(case.id)
    if issued is not None and (case.took_effect_at is None or issued.made_at >= case.took_effect_at):
        return issued
    document = _document(docket, signer, case, lines, backups_clean_by, now)
    return store.replace(
        CertificateRow(
            id=docket.fresh_id(),
            agency=docket.agency.id,
            case=case.id,
            document=document,
            signature=b64encode(signer.sign(document.encode("ascii"))).decode("ascii"),
            made_at=now,
        )
    )


def read(docket: Docket, case: Case) -> CertificateRow | None:
    """Return the certificate of a case, or nothing."""
    return Certificates(docket.session, docket.agency.id).of_case(case.id)


def verify(document: str, signature: str, public_key: str) -> bool:
    """Say whether the holder of this Ed25519 key (PEM) signed exactly this document; the signature is base64."""
    try:
        key = load_pem_public_key(public_key.encode("ascii"))
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(b64decode(signature, validate=True), document.encode("ascii"))
    except (InvalidSignature, NotBase64, ValueError):
        return False
    return True


def _document(
    docket: Docket, signer: Signer, case: Case, lines: Sequence[Line], backups_clean_by: date, now: datetime
) -> str:
    # Sorted keys and no spaces: the text that was signed can be made again from its values (as in RFC 8785).
    return json.dumps(
        {
            "format": FORMAT,
            "agency": docket.agency.name,
            "reference": case.reference,
            "subject": str(case.subject),
            "made_at": now.astimezone(UTC).isoformat(),
            "backups_clean_by": backups_clean_by.isoformat(),
            "key": signer.key_id,
            "lines": [
                {
                    "element": one.element,
                    "system": one.system,
                    "records": one.records,
                    "outcome": str(LineOutcome(one.outcome)),
                    "why": one.why,
                }
                for one in lines
            ],
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
