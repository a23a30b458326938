"""References that people read out over the phone: one wrong sign or one swap is always seen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.requests.cases.references import ALPHABET, make, read

BYTES = st.binary(min_size=8, max_size=8)
PREFIX = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=12)


def made(drawn: bytes, prefix: str = "MGD") -> str:
    return make(prefix, lambda size: drawn[:size])


@given(BYTES)
@settings(deadline=None)
def test_every_single_wrong_sign_is_seen(drawn: bytes) -> None:
    reference = made(drawn)
    places = [at for at, sign in enumerate(reference) if sign in ALPHABET and at > 3]
    assert len(places) == 8
    for at in places:
        wrong = [reference[:at] + sign + reference[at + 1 :] for sign in ALPHABET if sign != reference[at]]
        assert [read(one) for one in wrong] == [""] * 22


@given(BYTES)
@settings(deadline=None)
def test_every_swap_of_two_signs_is_seen(drawn: bytes) -> None:
    prefix, body = "MGD", made(drawn)[4:].replace("-", "")
    for one in range(8):
        for other in range(one + 1, 8):
            if body[one] != body[other]:
                signs = list(body)
                signs[one], signs[other] = signs[other], signs[one]
                assert read(prefix + "".join(signs)) == ""


@given(BYTES, PREFIX, st.data())
@settings(deadline=None)
def test_a_reference_is_read_in_any_case_and_spacing(drawn: bytes, prefix: str, data: st.DataObject) -> None:
    reference = made(drawn, prefix)
    gap = st.sampled_from(["", " ", "  ", "-", " - ", "\u2013", "_", ".", "\u00a0"])
    written = "".join(
        data.draw(st.sampled_from([sign.lower(), sign.upper()])) + data.draw(gap) for sign in reference if sign != "-"
    )
    assert read(written) == reference


@given(BYTES)
@settings(deadline=None)
def test_a_reference_has_the_written_form_and_no_look_alikes(drawn: bytes) -> None:
    reference = made(drawn)
    assert len(reference) == 13
    assert (reference[:4], reference[8]) == ("MGD-", "-")
    assert not set(reference[4:]) & set("0O1IL5S8BAEU")


@given(st.text(max_size=30))
@settings(deadline=None)
def test_what_is_no_reference_is_read_as_nothing_or_as_a_whole_one(typed: str) -> None:
    found = read(typed)
    assert found == "" or read(found) == found


def test_the_check_depends_on_the_agency() -> None:
    drawn = bytes(range(8))
    assert read(made(drawn)) == made(drawn)
    assert read(made(drawn).replace("MGD", "MGE")) == ""


def test_other_bytes_give_another_reference() -> None:
    assert made(bytes(8)) != made(bytes([0, 0, 0, 0, 0, 0, 0, 1]))
