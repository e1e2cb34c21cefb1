"""simple-salesforce, unmodified: every way it can log in, by the hosts it knows; then rows, queries and both Bulk APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from simple_salesforce import Salesforce

from orgbox.clock import RealClock
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.http.oauth import OAuth
from orgbox.org import Org
from orgbox.server import RunningOrg
from tests.contract.door import certificate, environment, proxy
from tests.contract.table import documented
from tests.orgbox.box import KEY

_SETTINGS = ("https_proxy", "HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


class Box:
    """A box behind https, and what a client must know of it to log in."""

    def __init__(self, running: RunningOrg, signer: RSAPrivateKey) -> None:
        self.running = running
        self.oauth: OAuth = running.app.state.oauth
        pem = signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        running.call(lambda: self.oauth.trust(pem))
        self.app = {"consumer_key": self.oauth.app.client_id, "consumer_secret": self.oauth.app.client_secret}
        self.username = str(running.org.get("User", running.org.admin_id)["Username"])
        self.signer = signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def client(self, **how: Any) -> Salesforce:
        return Salesforce(**how)

    def by_session(self) -> Salesforce:
        token = self.running.call(lambda: self.oauth.open_session(self.running.org.admin_id))
        return self.client(session_id=token, instance_url="https://box.my.salesforce.com")

    def by_soap(self) -> Salesforce:
        return self.client(username=self.username, password=DEMO_PASSWORD, security_token="")

    def by_soap_to_a_sandbox(self) -> Salesforce:
        return self.client(username=self.username, password=DEMO_PASSWORD, security_token="", domain="test")

    def by_password(self) -> Salesforce:
        return self.client(username=self.username, password=DEMO_PASSWORD, **self.app)

    def by_signed_assertion(self) -> Salesforce:
        key = self.app["consumer_key"]
        return self.client(username=self.username, consumer_key=key, privatekey=self.signer)

    def by_client_credentials(self) -> Salesforce:
        return self.client(domain="box.my", **self.app)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    authority, tls = certificate(tmp_path_factory.mktemp("tls"))
    with (
        RunningOrg(Org(RealClock(), seed=8, task_fields=[KEY]), tls=tls) as running,
        proxy(running.port) as door,
    ):
        found = environment(door, Path(authority))
        with pytest.MonkeyPatch.context() as settings:
            for name in ("no_proxy", "NO_PROXY"):
                settings.delenv(name, raising=False)
            for name in _SETTINGS:
                settings.setenv(name, found[name])
            yield Box(running, generate_private_key(public_exponent=65537, key_size=2048))


LOGINS: dict[str, Callable[[Box], Salesforce]] = {
    "Salesforce(session_id, instance_url)": Box.by_session,
    "Salesforce(username, password, security_token)": Box.by_soap,
    "Salesforce(..., domain='test')": Box.by_soap_to_a_sandbox,
    "Salesforce(username, password, consumer_key, consumer_secret)": Box.by_password,
    "Salesforce(username, consumer_key, privatekey)": Box.by_signed_assertion,
    "Salesforce(consumer_key, consumer_secret, domain)": Box.by_client_credentials,
}


@pytest.mark.parametrize("login", LOGINS)
def test_it_logs_in(box: Box, login: str) -> None:
    assert LOGINS[login](box).query("SELECT Id FROM Organization")["totalSize"] == 1


def rows(client: Salesforce) -> None:
    made = client.Task.create({"Subject": "Call Ann"})
    client.Task.update(made["id"], {"Status": "Completed"})
    assert client.Task.get(made["id"])["IsClosed"]
    assert client.Task.delete(made["id"]) == 204


def upsert(client: Salesforce) -> None:
    assert client.Task.upsert("Tandem_Key__c/s-1", {"Subject": "One"}) in (200, 201)
    assert client.Task.get_by_custom_id("Tandem_Key__c", "s-1")["Subject"] == "One"


def bulk2_insert(client: Salesforce) -> None:
    records = [{"Subject": f"Bulk {n}"} for n in range(2_500)]
    (told,) = client.bulk2.Task.insert(records=records)
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (2_500, 0)


def bulk2_query(client: Salesforce) -> None:
    pages = list(client.bulk2.Task.query("SELECT Id FROM Task WHERE Subject LIKE 'Bulk%'"))
    assert sum(page.count("\n") for page in pages) == 2_501  # with the header


def bulk1_insert(client: Salesforce) -> None:
    good, bad = client.bulk.Task.insert([{"Subject": "By Bulk 1"}, {"Nope": "x"}], batch_size="auto")
    assert (good["success"], bad["success"]) == (True, False)


def bulk1_query(client: Salesforce) -> None:
    (record,) = client.bulk.Task.query("SELECT Subject FROM Task WHERE Subject = 'By Bulk 1'")
    assert record["Subject"] == "By Bulk 1"


def query_all(client: Salesforce) -> None:
    assert sum(1 for _ in client.query_all_iter("SELECT Id FROM Task WHERE Subject LIKE 'Bulk%'")) == 2_500


def search(client: Salesforce) -> None:
    client.Contact.create({"LastName": "Lee"})
    assert client.search("FIND {Lee} RETURNING Contact(LastName)")["searchRecords"][0]["LastName"] == "Lee"
    assert client.quick_search("Lee")["searchRecords"]


def describe(client: Salesforce) -> None:
    assert client.Task.describe()["keyPrefix"] == "00T"
    assert any(each["name"] == "Task" for each in client.describe()["sobjects"])


def limits(client: Salesforce) -> None:
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert client.api_usage["api-usage"].total == 100_000


def collections(client: Salesforce) -> None:
    records = [{"attributes": {"type": "Task"}, "Subject": str(n)} for n in range(200)]
    told = client.restful("composite/sobjects", method="POST", json={"records": records})
    assert all(each["success"] for each in told)


WORK: dict[str, Callable[[Salesforce], None]] = {
    "Task.create(), get(), update(), delete()": rows,
    "Task.upsert(), get_by_custom_id()": upsert,
    "bulk2.Task.insert() of 2,500": bulk2_insert,
    "bulk2.Task.query()": bulk2_query,
    "bulk.Task.insert()": bulk1_insert,
    "bulk.Task.query()": bulk1_query,
    "query_all_iter() of 2,500": query_all,
    "search(), quick_search()": search,
    "describe(), Task.describe()": describe,
    "limits(), api_usage": limits,
    "restful('composite/sobjects') of 200": collections,
}


@pytest.mark.parametrize("work", WORK)
def test_it_works(box: Box, work: str) -> None:
    WORK[work](box.by_session())


def test_every_command_that_was_tried_is_documented() -> None:
    assert documented("simple-salesforce") == [*LOGINS, *WORK]
