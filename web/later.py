"""What an effect says when it is called too early."""

from datetime import datetime


class Later(Exception):
    """The effect of a job is not due yet: it rests until ``at`` and that counts as no attempt."""

    def __init__(self, at: datetime) -> None:
        super().__init__("Not due yet.")
        self.at = at
