"""Refusals about agencies and their staff."""

from uuid import UUID


class AgencyProblem(Exception):
    """A refusal that an operator or an administrator caused and can understand."""


class NoSuchAgency(AgencyProblem):
    """No agency has this slug; a stranger learns no more than that."""


class OtherRegion(NoSuchAgency):
    """The agency is not this region's: ``region`` says whose it is, "" when nothing here knows."""

    def __init__(self, agency: UUID, region: str = "") -> None:
        super().__init__(f"Agency {agency} belongs to {f'region {region}' if region else 'no agency of this region'}.")
        self.agency = agency
        self.region = region


class SlugTaken(AgencyProblem):
    """Another agency, or the portal itself, uses this slug."""


class BadAgency(AgencyProblem):
    """A zone, region or law that the portal does not know."""


class BadBlock(BadAgency):
    """A network of the agency's own that is none, or far too wide."""


class NoSuchStaff(AgencyProblem):
    """Nobody of this agency's staff has this address or id."""


class LastAdministrator(AgencyProblem):
    """An agency without an administrator could never be mended from the inside."""


class BadStaff(AgencyProblem):
    """A member of staff without a name, an address, a role, or with somebody else's address."""
