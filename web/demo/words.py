"""What the demo's families ask, in their own words. Everybody and everything is made up."""

from dataclasses import dataclass
from typing import Final

from rightsdesk.requests.cases.case import Kind

QUESTION: Final = "Do you want the data of the library app too? It has the books your child borrowed."
ANSWER: Final = "Yes. Everything you have."
REFUSAL: Final = "We looked in every system that is connected. We do not hold this. Call the office if you think we do."


@dataclass(frozen=True, slots=True)
class Plea:
    """One way to ask: what kind, which elements with what they should say, the words, the language."""

    kind: Kind
    wanted: tuple[tuple[str, str], ...]
    words: str
    language: str = "en"


SEE: Final = Plea(Kind.ACCESS, (), "Send me everything you have on my child, with the apps used in class.")
SEE_ES: Final = Plea(Kind.ACCESS, (), "Quiero ver todo lo que la escuela guarda sobre mi hija.", "es")
SEE_PLAIN: Final = Plea(Kind.ACCESS, (), "")
FIX_MAIL: Final = Plea(
    Kind.CORRECTION,
    (("email", "right.address@marigold.example"),),
    "The school e-mail address is spelled wrong in the reading app and on the class list.",
)
FIX_GRADE: Final = Plea(Kind.CORRECTION, (("grade", "8"),), "My child moved up a grade this fall.")
FIX_TWO: Final = Plea(
    Kind.CORRECTION,
    (("grade", "5"), ("email", "new.address@marigold.example")),
    "El grado y el correo de mi hijo no son correctos.",
    "es",
)
DELETE_PICTURE: Final = Plea(Kind.ERASURE, (("picture", ""),), "Remove the picture from the sign-in page.")
DELETE_APPS: Final = Plea(
    Kind.ERASURE, (("apps", ""), ("signins", "")), "We moved away in June. Remove the app accounts."
)
DELETE_ES: Final = Plea(Kind.ERASURE, (("picture", ""), ("apps", "")), "Ya no vivimos aquí. Borren las fotos.", "es")

# (what is asked, how many days ago, where the request stands now): fifty in all with the three that branch off.
CAST: Final = (
    (FIX_MAIL, 47, ""),
    (SEE, 46, "claimed"),
    (DELETE_PICTURE, 45, ""),
    (SEE_ES, 44, "noted"),
    (FIX_GRADE, 43, "claimed"),
    (SEE, 42, ""),
    (SEE_PLAIN, 41, "claimed"),
    (DELETE_APPS, 40, ""),
    (SEE_ES, 39, "answered"),
    (FIX_TWO, 38, ""),
    (SEE, 37, "asked"),
    (FIX_GRADE, 36, ""),
    (DELETE_ES, 35, "proposed"),
    (SEE, 34, "granted"),
    (FIX_GRADE, 33, "granted"),
    (DELETE_PICTURE, 32, "proposed"),
    (SEE_PLAIN, 31, "refused"),
    (FIX_TWO, 30, "granted_part"),
    (SEE, 29, "withdrawn"),
    (SEE_ES, 28, ""),
    (FIX_GRADE, 27, "asked"),
    (DELETE_APPS, 26, "granted"),
    (SEE, 25, ""),
    (SEE_PLAIN, 24, "claimed"),
    (FIX_GRADE, 23, "refused"),
    (DELETE_PICTURE, 22, "granted"),
    (SEE, 21, "granted"),
    (SEE_ES, 20, "asked"),
    (FIX_TWO, 19, ""),
    (DELETE_ES, 18, ""),
    (SEE, 17, "approved"),
    (FIX_GRADE, 16, "denied"),
    (FIX_TWO, 15, "partly"),
    (SEE, 14, "granted"),
    (FIX_MAIL, 13, "repeated"),
    (SEE_PLAIN, 12, "withdrawn"),
    (SEE, 11, "unproved"),
    (FIX_GRADE, 10, ""),
    (SEE_ES, 9, ""),
    (DELETE_PICTURE, 8, "granted"),
    (SEE, 7, ""),
    (FIX_GRADE, 6, "claimed"),
    (SEE_PLAIN, 5, "unproved"),
    (DELETE_APPS, 4, "granted"),
    (SEE, 3, ""),
    (FIX_GRADE, 2, ""),
    (SEE_ES, 1, ""),
)
