"""What a person is in the words of the laws, from the relation and the student's age."""

import pytest

from rightsdesk.requests.law.requesters import Asker, Relation, requester_kinds
from rightsdesk.requests.law.terms import Region


@pytest.mark.parametrize(
    ("asker", "kinds"),
    [
        (Asker(relation=Relation.PARENT, region=Region.US, student_age=9), {"parent", "parent_of_under_13"}),
        (Asker(relation=Relation.GUARDIAN, region=Region.US, student_age=9), {"guardian"}),
        (Asker(relation=Relation.PARENT, region=Region.US), {"parent"}),
        (Asker(relation=Relation.PARENT, region=Region.US, student_age=18), set()),
        (
            Asker(relation=Relation.PARENT, region=Region.US, student_age=18, dependent_for_tax=True),
            {"parent_of_dependent"},
        ),
        (
            Asker(relation=Relation.PARENT, region=Region.US, student_age=14, left_sixty_days_ago=True),
            {"parent", "former_student_parent"},
        ),
        (
            Asker(relation=Relation.STUDENT, region=Region.US, student_age=15),
            {"student_own_minor", "student_any_age_permanent"},
        ),
        (
            Asker(relation=Relation.STUDENT, region=Region.US, student_age=16),
            {"student_own_minor", "student_any_age_permanent", "student_16_or_grade10"},
        ),
        (
            Asker(relation=Relation.STUDENT, region=Region.US, student_age=17, postsecondary=True),
            {"eligible_student", "student_any_age_permanent", "student_16_or_grade10"},
        ),
        (Asker(relation=Relation.REPRESENTATIVE, region=Region.US), {"representative"}),
        (Asker(relation=Relation.STATE_RECORD, region=Region.US), {"state_data_subject"}),
        (Asker(relation=Relation.STUDENT, region=Region.EU, student_age=13), {"data_subject"}),
        (Asker(relation=Relation.PARENT, region=Region.UK, student_age=13), {"parental_responsibility", "parent"}),
        (Asker(relation=Relation.GUARDIAN, region=Region.EU), {"parental_responsibility"}),
        (Asker(relation=Relation.REPRESENTATIVE, region=Region.EU), {"representative"}),
    ],
)
def test_a_person_is_what_the_laws_call_them(asker: Asker, kinds: set[str]) -> None:
    assert requester_kinds(asker) == kinds
