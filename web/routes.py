"""The one table of all screens: path, who may, and what answers.

Screens are values of ``rightsdesk.web.screens.Screen``, listed by the folder they belong to; import that module there,
never this one, or the imports run in a circle.
"""

from typing import Final

from rightsdesk.web.desk.screens import SCREENS as DESK
from rightsdesk.web.family.screens import SCREENS as FAMILY
from rightsdesk.web.office.screens import SCREENS as OFFICE
from rightsdesk.web.screens import Screen

SCREENS: Final[tuple[Screen, ...]] = (*FAMILY, *DESK, *OFFICE)
