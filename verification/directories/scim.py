"""A directory that speaks SCIM 2.0 (RFC 7644): the account is found by its userName, its password is patched."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rightsdesk.verification.directories.port import (
    DEADLINE,
    Account,
    Changed,
    Down,
    Elsewhere,
    ExtraMissing,
    Outcome,
    Refused,
    Unsure,
)
from rightsdesk.verification.directories.terms import Terms
from rightsdesk.verification.school.errors import SchoolProblem, Why
from rightsdesk.verification.school.outbound import Caller
from rightsdesk.verification.school.provider import origin_of

if TYPE_CHECKING:
    from httpx2 import Response

try:
    import httpx2
    from scim2_client import SCIMClientException
    from scim2_client.engines.httpx2 import SyncSCIMClient
    from scim2_models import ListResponse, SCIMException, ScimProvider, User
except ModuleNotFoundError:
    raise ExtraMissing from None

_FAULTS: Final = (SCIMClientException, SCIMException, httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError)
_WHY: Final = {
    (Why.ADDRESS, "inside"): "inside",
    (Why.REDIRECT, ""): "not_scim",
    (Why.TOO_LARGE, ""): "not_scim",
}
_PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_NOBODY: Final = "rightsdesk-asks-whether-it-is-let-in"
_OUTCOMES: Final[dict[int, Outcome]] = {  # of a PATCH; what is not here may have been done
    200: Changed(),
    204: Changed(),
    400: Refused(),  # invalidValue: its own rules for passwords
    401: Down("not_let_in"),
    403: Down("not_allowed"),
    404: Elsewhere(),
    409: Refused(),
    422: Refused(),
    429: Down("busy"),
    501: Elsewhere(),
    503: Down("unavailable"),
}


@dataclass(frozen=True, slots=True)
class ScimDirectory:
    """A directory whose users lie below ``terms.url``; ``deadline`` are seconds for one whole change."""

    terms: Terms
    deadline: float = DEADLINE

    def set_password(self, account: Account, password: str) -> Outcome:
        """Find the one account with this userName and give it the password."""
        if not account.username:
            return Elsewhere()
        with self._connected() as (client, seen):
            found = self._found(client, seen, account.username)
            if not isinstance(found, list):
                return found
            if len(found) != 1 or not found[0].id:
                return Elsewhere()
            return _patched(client, seen, found[0].id, password)

    def reach(self) -> str:
        """Return "" when the directory lets us look for an account."""
        with self._connected() as (client, seen):
            found = self._found(client, seen, _NOBODY)
        return found.why if isinstance(found, Down) else ""

    @contextmanager
    def _connected(self) -> Iterator[tuple[SyncSCIMClient, list[int]]]:
        seen: list[int] = []  # the status of each answer

        def note(answer: "Response") -> None:
            seen.append(answer.status_code)

        # A stranger's server: few bytes are read of it, and it lies where its operator, or anybody, could reach it.
        wire = Caller(
            frozenset({origin_of(self.terms.url)}),
            on_loopback=self.terms.is_inside,
            patience=self.deadline,
            trusting=ssl.create_default_context(cadata=self.terms.authority or None),
        )
        client = httpx2.Client(
            base_url=self.terms.url,
            headers={"Authorization": f"Bearer {self.terms.secret}"},
            transport=wire,
            follow_redirects=False,
            trust_env=False,
            event_hooks={"response": [note]},
        )
        with client:
            yield SyncSCIMClient(client, provider=ScimProvider(models=[User])), seen

    def _found(self, client: SyncSCIMClient, seen: list[int], username: str) -> "list[User[Any]] | Down":
        wanted = {"filter": f"userName eq {json.dumps(username)}", "count": 2}
        try:
            answer = client.query(User, query_parameters=wanted, check_request_payload=False)
        except SchoolProblem as problem:
            return Down(_WHY.get((problem.why, problem.detail)) or _WHY.get((problem.why, ""), "unreachable"))
        except _FAULTS:
            return Down(_why(seen))
        return list(answer.resources or []) if isinstance(answer, ListResponse) else Down(_why(seen))


def _patched(client: SyncSCIMClient, seen: list[int], number: str, password: str) -> Outcome:
    change = {"schemas": [_PATCH], "Operations": [{"op": "replace", "path": "password", "value": password}]}
    before = len(seen)
    # What comes back with a yes is of no interest and must not turn it into a no: the status alone says what was done.
    with suppress(*_FAULTS, SchoolProblem):
        client.modify(
            User,
            number,
            change,
            check_request_payload=False,
            check_response_payload=False,
            expected_status_codes=None,
            raise_scim_errors=False,
        )
    return _OUTCOMES.get(seen[-1], Unsure()) if len(seen) > before else Unsure()


def _why(seen: list[int]) -> str:
    if not seen:
        return "unreachable"
    return "not_let_in" if seen[-1] in {401, 403} else "not_scim"
