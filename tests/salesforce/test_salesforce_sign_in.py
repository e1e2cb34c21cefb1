"""Staying signed in: one renewal for everybody, stored before it is used, and never a secret in sight."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import httpx2
import pytest
from tests.salesforce.scripted import (
    APP,
    EXPIRED,
    TOKENS,
    ScriptedOrg,
    answer,
    page,
    refusal,
    task_id,
)

from tandem.salesforce import (
    App,
    BadInput,
    Busy,
    Client,
    MemoryVault,
    NotDone,
    OutcomeUnknown,
    SalesforceError,
    Session,
    SignInNeeded,
    Timeouts,
    Tokens,
    Unreachable,
    sign_in,
)

SECRETS = ("the-access-token", "the-refresh-token", "the-client-secret", "new-access", "new-refresh")
INSERT = [{"Subject": "Call Ada", "Sync_Key__c": "key-1"}]


def new_tokens(**changed: str) -> httpx2.Response:
    fresh = {
        "access_token": "new-access",
        "instance_url": "https://acme.my.salesforce.com",
        "id": TOKENS.identity_url,
        "token_type": "Bearer",
        "issued_at": "1589009375588",
    }
    return answer(200, {**fresh, **changed})


def form(request: httpx2.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def bearer(request: httpx2.Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


def test_an_expired_session_is_renewed_and_the_call_goes_through(org: ScriptedOrg) -> None:
    client = org.answers(refusal(401, *EXPIRED), new_tokens(), answer(200, page()))

    assert client.query("SELECT Id FROM Task").total == 0

    first, renewal, second = org.requests
    assert bearer(first) == "the-access-token"
    assert str(renewal.url) == "https://login.salesforce.com/services/oauth2/token"
    assert form(renewal) == {
        "grant_type": "refresh_token",
        "refresh_token": "the-refresh-token",
        "client_id": "the-client-id",
        "client_secret": "the-client-secret",
    }
    assert bearer(second) == "new-access"


def test_a_write_refused_for_its_session_was_certainly_not_done_and_is_sent_once_more(
    org: ScriptedOrg,
) -> None:
    client = org.answers(refusal(401, *EXPIRED), new_tokens(), answer(200, {"compositeResponse": []}))

    client.delete_tasks([task_id(1)])

    assert [request.url.path for request in org.requests].count("/services/data/v60.0/composite") == 2


def test_a_second_401_asks_a_person_instead_of_renewing_for_ever(org: ScriptedOrg) -> None:
    client = org.answers(refusal(401, *EXPIRED), new_tokens(), refusal(401, *EXPIRED))

    with pytest.raises(SignInNeeded) as refused:
        client.insert_tasks(INSERT, "Sync_Key__c")

    assert len(org.requests) == 3
    assert "connect again" in refused.value.sentence()


@pytest.mark.parametrize(
    "message",
    ["Connected app is not attached to Agent", "This session is not valid for use with the REST API"],
)
def test_a_401_that_no_renewal_can_cure_is_not_renewed(org: ScriptedOrg, message: str) -> None:
    with pytest.raises(SignInNeeded):
        org.answers(refusal(401, "INVALID_SESSION_ID", message)).query("SELECT Id FROM Task")

    assert len(org.requests) == 1


def test_a_rotated_refresh_token_replaces_the_old_one(org: ScriptedOrg) -> None:
    org.answers(refusal(401, *EXPIRED), new_tokens(refresh_token="new-refresh"), answer(200, page()))

    org.client.query("SELECT Id FROM Task")

    assert org.vault.current().refresh_token == "new-refresh"


def test_without_rotation_the_refresh_token_stays(org: ScriptedOrg) -> None:
    org.answers(refusal(401, *EXPIRED), new_tokens(), answer(200, page()))

    org.client.query("SELECT Id FROM Task")

    assert org.vault.current().refresh_token == "the-refresh-token"


def test_an_org_that_moved_is_called_at_its_new_address(org: ScriptedOrg) -> None:
    moved = new_tokens(instance_url="https://acme--new.my.salesforce.com")
    org.answers(refusal(401, *EXPIRED), moved, answer(200, page()))

    org.client.query("SELECT Id FROM Task")

    assert org.requests[-1].url.host == "acme--new.my.salesforce.com"


def test_a_token_answer_that_points_elsewhere_is_kept_but_nothing_is_sent_there(org: ScriptedOrg) -> None:
    elsewhere = new_tokens(instance_url="https://evil.example", refresh_token="new-refresh")

    with pytest.raises(BadInput, match=r"evil\.example"):
        org.answers(refusal(401, *EXPIRED), elsewhere).query("SELECT Id FROM Task")

    assert len(org.requests) == 2
    assert org.vault.current().refresh_token == "new-refresh"


def test_a_crash_between_the_answer_and_its_use_loses_no_rotated_token(org: ScriptedOrg) -> None:
    died = httpx2.ConnectError("the process died here, as far as the vault can tell")
    org.answers(refusal(401, *EXPIRED), new_tokens(refresh_token="new-refresh"), died)

    with pytest.raises(Unreachable):
        org.client.query("SELECT Id FROM Task")

    stored = org.vault.current()
    assert (stored.access_token, stored.refresh_token) == ("new-access", "new-refresh")


class StoringVault(MemoryVault):
    """Notes what was stored, and when: the wire and the store share one diary."""

    def __init__(self, tokens: Tokens, diary: list[str]) -> None:
        super().__init__(tokens)
        self._diary = diary

    def exchange(self, stale_access_token: str, renew: Callable[[Tokens], Tokens]) -> Tokens:
        stored = super().exchange(stale_access_token, renew)
        self._diary.append(f"stored {stored.access_token}")
        return stored


def test_new_tokens_are_stored_before_anybody_uses_them() -> None:
    diary: list[str] = []

    def salesforce(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/token"):
            diary.append("renewed")
            return new_tokens(refresh_token="new-refresh")
        diary.append(f"called with {bearer(request)}")
        return answer(200, page()) if bearer(request) == "new-access" else refusal(401, *EXPIRED)

    session = Session(StoringVault(TOKENS, diary), APP)
    with Client(session, transport=httpx2.MockTransport(salesforce)) as client:
        client.query("SELECT Id FROM Task")

    assert diary == ["called with the-access-token", "renewed", "stored new-access", "called with new-access"]


def test_ten_threads_that_meet_a_401_together_renew_exactly_once() -> None:
    together = threading.Barrier(10)
    renewals: list[str] = []

    def salesforce(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/token"):
            renewals.append(form(request)["refresh_token"])
            return new_tokens(refresh_token="new-refresh")
        if bearer(request) == "the-access-token":
            together.wait(timeout=30)  # nobody gets a 401 before everybody has asked with the stale token
            return refusal(401, *EXPIRED)
        return answer(200, page())

    session = Session(MemoryVault(TOKENS), APP)
    with (
        Client(session, transport=httpx2.MockTransport(salesforce)) as client,
        ThreadPoolExecutor(10) as pool,
    ):
        pages = list(pool.map(lambda _: client.query("SELECT Id FROM Task"), range(10)))

    assert len(pages) == 10
    assert renewals == ["the-refresh-token"]
    assert client.calls == 20


def test_a_renewal_that_salesforce_refuses_asks_a_person_to_connect_again(org: ScriptedOrg) -> None:
    gone = answer(400, {"error": "invalid_grant", "error_description": "expired access/refresh token"})

    with pytest.raises(SignInNeeded) as refused:
        org.answers(refusal(401, *EXPIRED), gone).insert_tasks(INSERT, "Sync_Key__c")

    assert refused.value.code == "invalid_grant"
    assert "expired access/refresh token" in refused.value.sentence()
    assert org.vault.current() == TOKENS


@pytest.mark.parametrize(
    "unanswered", [answer(503), answer(200, ["what?"]), httpx2.ReadTimeout("slow"), httpx2.ReadError("cut")]
)
def test_a_renewal_without_an_answer_leaves_the_write_certainly_not_done(
    org: ScriptedOrg, unanswered: httpx2.Response | Exception
) -> None:
    with pytest.raises(Busy) as refused:
        org.answers(refusal(401, *EXPIRED), unanswered).insert_tasks(INSERT, "Sync_Key__c")

    assert isinstance(refused.value, NotDone)
    assert org.vault.current() == TOKENS


def test_a_renewal_never_takes_longer_than_a_minute_however_long_a_data_call_may_take() -> None:
    allowed: list[float] = []

    def salesforce(request: httpx2.Request) -> httpx2.Response:
        allowed.append(sum(request.extensions["timeout"].values()))
        return new_tokens()

    app = App("the-client-id", "the-client-secret", "https://acme.my.salesforce.com", "client_credentials")
    for read in (600.0, 1.0):
        sign_in(app, transport=httpx2.MockTransport(salesforce), timeouts=Timeouts(read=read))

    assert allowed[1] < allowed[0] < 60


def test_an_app_signs_in_as_itself() -> None:
    asked: list[httpx2.Request] = []

    def salesforce(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return new_tokens()

    app = App("the-client-id", "the-client-secret", "https://acme.my.salesforce.com", "client_credentials")
    tokens = sign_in(app, transport=httpx2.MockTransport(salesforce))

    assert tokens.access_token == "new-access"
    assert tokens.refresh_token is None
    assert tokens.user_id == "005Ab0000000001IAA"
    assert tokens.org_id == "00DAb0000000001MAA"
    assert form(asked[0]) == {"grant_type": "client_credentials"}
    assert asked[0].headers["Authorization"].startswith("Basic ")


def test_an_app_signs_in_at_salesforce_only() -> None:
    app = App("the-client-id", "the-client-secret", "https://evil.example", "client_credentials")

    with pytest.raises(BadInput, match=r"evil\.example"):
        sign_in(app, transport=httpx2.MockTransport(lambda request: new_tokens()))


def test_no_repr_shows_a_secret() -> None:
    shown = [repr(thing) for thing in (TOKENS, APP, Session(MemoryVault(TOKENS), APP), MemoryVault(TOKENS))]

    assert not [secret for secret in SECRETS if secret in "".join(shown)]
    assert "acme.my.salesforce.com" in repr(TOKENS)


@pytest.mark.parametrize(
    "script",
    [
        [refusal(401, *EXPIRED), answer(400, {"error": "invalid_grant", "access_token": "new-access"})],
        [refusal(401, *EXPIRED), answer(200, {"access_token": "new-access", "refresh_token": "new-refresh"})],
        [refusal(401, *EXPIRED), httpx2.ReadTimeout("slow")],
        [refusal(401, *EXPIRED), new_tokens(), refusal(401, *EXPIRED)],
        [httpx2.ReadError("cut")],
        [answer(500, "a page that repeats the-access-token")],
        [answer(200, "not a page")],
    ],
)
def test_no_error_shows_a_secret_and_none_holds_the_request(
    org: ScriptedOrg, script: list[httpx2.Response | Exception]
) -> None:
    with pytest.raises(SalesforceError) as failed:
        org.answers(*script).query("SELECT Id FROM Task")

    error = failed.value
    shown = "".join([str(error), repr(error), error.sentence(), *traceback.format_exception(error)])
    assert not [secret for secret in SECRETS if secret in shown]
    cause: BaseException | None = error
    while cause is not None:
        assert not isinstance(cause, httpx2.HTTPError)
        cause = cause.__cause__ or cause.__context__


def test_a_lost_answer_after_a_renewal_is_still_a_doubt(org: ScriptedOrg) -> None:
    org.answers(refusal(401, *EXPIRED), new_tokens(), httpx2.ReadError("cut"))

    with pytest.raises(OutcomeUnknown):
        org.client.insert_tasks(INSERT, "Sync_Key__c")
