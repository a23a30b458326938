"""A provider of a school, as an agency enters it."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from rightsdesk.verification.school.kinds import LinkKey, ProviderKind
from rightsdesk.verification.school.provider import Provider

PROVIDER: Final = Provider(
    id=UUID("eeeeeeee-0000-4000-8000-000000000001"),
    slug="classlink",
    label="ClassLink",
    kind=ProviderKind.CLASSLINK,
    issuer="https://launchpad.classlink.example",
    client_id="rightsdesk",
    tenant_claim="TenantId",
    tenant="2001",
    link_key=LinkKey.SOURCED_ID,
    link_claim="SourcedId",
    for_staff=True,
)
# The same as the office's page sends it.
CLASSLINK: Final = {
    "kind": "classlink",
    "label": "ClassLink",
    "families": "yes",
    "staff": "yes",
    "tenant": "2001",
    "client_id": "rightsdesk",
    "client_secret": "a secret of ClassLink's",
    "link_key": "sourced_id",
    "link_claim": "SourcedId",
    "second_factor": "none",
}


def another(**changed: object) -> Provider:
    """Return the provider with some of its fields changed."""
    return replace(PROVIDER, **changed)  # type: ignore[arg-type]  # fields of a provider
