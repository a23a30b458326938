"""What the owner of a locked number reads."""

import pytest

from rightsdesk.verification.sms.words import SEGMENT, locked_text, septets


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_owner_of_a_locked_number_is_told_in_one_segment(language: str) -> None:
    told = locked_text("Saint Bartholomew Consolidated Independent School District", "(212) 555-0134", language)
    length = septets(told)
    assert length is not None
    assert length <= SEGMENT
    assert "(212) 555-0134" in told
