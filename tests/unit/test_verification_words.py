"""What the owner of a locked number reads."""

from collections.abc import Callable

import pytest

from rightsdesk.verification.sms.words import SEGMENT, changed_text, locked_text, passkey_text, school_text, septets


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_owner_of_a_locked_number_is_told_in_one_segment(language: str) -> None:
    told = locked_text("Saint Bartholomew Consolidated Independent School District", "(212) 555-0134", language)
    length = septets(told)
    assert length is not None
    assert length <= SEGMENT
    assert "(212) 555-0134" in told


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize("phone", ["(212) 555-0134", ""])
@pytest.mark.parametrize("told_of", [changed_text, passkey_text, school_text])
def test_what_is_told_of_a_change_is_one_segment_and_says_whom_to_tell(
    told_of: Callable[[str, str, str], str], phone: str, language: str
) -> None:
    told = told_of("Saint Bartholomew Consolidated Independent School District", phone, language)
    length = septets(told)
    assert length is not None
    assert length <= SEGMENT
    assert told.endswith(phone or ("la escuela." if language == "es" else "Tell the school."))
