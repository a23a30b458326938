"""Why a backup is not made or not put back, in words an operator can act on."""


class BackupProblem(Exception):
    """A backup cannot be made or used."""


class InUse(BackupProblem):
    """Another program works on the data folder."""


class NotEmbedded(BackupProblem):
    """The databases are on a server, which has its own tools for this."""


class NoBackup(BackupProblem):
    """There is no whole backup where one was looked for."""


class WrongKeys(BackupProblem):
    """The key file is not the one that the backup was made with."""


class Damaged(BackupProblem):
    """A file of the backup was altered, is cut off or is missing."""


class OtherForm(BackupProblem):
    """The backup is of another release or another region."""


class WouldReplace(BackupProblem):
    """The data folder holds a database that nobody said may be moved aside."""


class ErasuresMissing(BackupProblem):
    """The list of erasures is shorter than it was, so what was erased could come back."""


class KeysOlder(BackupProblem):
    """The keys' database does not know everybody whom the other one holds."""
