"""Refusals while a decision is carried out."""


class FulfilmentProblem(Exception):
    """Something in a system, or about a package, that a person can understand and act on."""


class CannotWrite(FulfilmentProblem):
    """The system cannot take this value: a person at the office must look at it."""


class NotWritten(FulfilmentProblem):
    """The value read back is not the value written."""


class NoSuchTask(FulfilmentProblem):
    """No task of this agency that is still open has this id."""


class NoPackage(FulfilmentProblem):
    """There is no package on this request, or it is gone: 14 days passed, or it was opened 5 times."""


class PackageNeedsProof(FulfilmentProblem):
    """Opening a package needs a proof younger than five minutes."""
