"""Refusals about agencies and their staff."""


class AgencyProblem(Exception):
    """A refusal that an operator or an administrator caused and can understand."""


class NoSuchAgency(AgencyProblem):
    """No agency has this slug; a stranger learns no more than that."""


class SlugTaken(AgencyProblem):
    """Another agency, or the portal itself, uses this slug."""


class BadAgency(AgencyProblem):
    """A zone, region or law that the portal does not know."""


class NoSuchStaff(AgencyProblem):
    """Nobody of this agency's staff has this address or id."""


class LastAdministrator(AgencyProblem):
    """An agency without an administrator could never be mended from the inside."""


class BadStaff(AgencyProblem):
    """A member of staff without a name, an address, a role, or with somebody else's address."""
