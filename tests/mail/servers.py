"""A real Postfix and a real Dovecot on loopback, started and stopped by the tests; no mail can leave the machine.

Postfix has two doors: a submission port (STARTTLS and sign-in, checked by Dovecot) and the port at which the rest of the
world would deliver. It hands everything to Dovecot by LMTP. `ghost@` is known to Postfix only, so mail to it bounces. Mail for
Salesforce's domains goes to a port of this machine, at which a test may let an org listen (orgbox.mail).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import signal
import smtplib
import ssl
import subprocess
import tempfile
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

from tests.postgresql import free_port

PATIENCE = 60.0
PASSWORD = "pässword of ånna"
PEOPLE = ("anna@acme.example", "ben@acme.example", "jan@veldkamp.example", "j.devries@home.example")
GHOST = "ghost@veldkamp.example"
_TOKEN_KEY = b"a key that only Dovecot and the tests' provider know"
#: Not a user of this machine: Dovecot needs a number, not a name.
_UID = 1000


@dataclass(frozen=True)
class Servers:
    """Where they listen, and whom to trust."""

    submission: int
    delivery: int
    imap: int
    #: Where Postfix hands over what is addressed to Email to Salesforce.
    salesforce: int
    certificate: Path

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    @contextmanager
    def mailbox(self, address: str) -> Iterator[IMAPClient]:
        """A person's own mailbox, as their mail program sees it."""
        with IMAPClient("localhost", self.imap, ssl=True, ssl_context=self.trust) as client:
            client.plain_login(address, PASSWORD)
            client.select_folder("INBOX")
            yield client

    def inbox(self, address: str) -> list[bytes]:
        """Every message there, whole."""
        with self.mailbox(address) as client:
            uids = client.search()
            return [client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] for uid in uids]

    def unseen(self, address: str) -> int:
        with self.mailbox(address) as client:
            return len(client.search(["UNSEEN"]))

    def file_away(self, address: str, folder: str, content: bytes) -> None:
        """What a mail program does with what it sent."""
        with self.mailbox(address) as client:
            client.append(folder, content, flags=[b"\\Seen"])

    def deliver(self, sender: str, to: str, content: bytes) -> None:
        """Mail from the rest of the world."""
        with smtplib.SMTP("localhost", self.delivery) as server:
            server.sendmail(sender, [to], content)

    def empty(self) -> None:
        """Nobody has mail."""
        for person in PEOPLE:
            with self.mailbox(person) as client:
                for folder in ("INBOX", "Sent"):
                    client.select_folder(folder)
                    if uids := client.search():
                        client.delete_messages(uids)
                        client.expunge()


def eventually(true: Callable[[], bool], what: str) -> None:
    """Wait for something that happens by itself; the limit only ends a test that has failed."""
    limit = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < limit, f"{what} did not happen"
        time.sleep(0.05)


def missing() -> str:
    """What must be installed or allowed before this can run; "" when nothing is missing."""
    programs = {
        "postfix": "/usr/sbin/postfix",
        "dovecot-imapd": "/usr/sbin/dovecot",
        "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
    }
    absent = [package for package, program in programs.items() if not Path(program).exists()]
    if absent:
        return f"Debian's {' '.join(absent)} is missing: apt-get install --no-install-recommends {' '.join(absent)}"
    return "" if os.geteuid() == 0 else "Postfix can be started by root only"


def token(address: str) -> str:
    """An access token as the provider of `address` would give it (a JWT that Dovecot checks by itself)."""
    now = int(time.time())
    parts = (
        {"alg": "HS256", "typ": "JWT"},
        {"sub": address, "email": address, "iss": "tests", "iat": now, "nbf": now - 5, "exp": now + 3600},
    )
    signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    seal = hmac.new(_TOKEN_KEY, signed, hashlib.sha256).digest()
    return (signed + b"." + urlsafe_b64encode(seal).rstrip(b"=")).decode()


@contextmanager
def running() -> Iterator[Servers]:
    """Both servers while the block lasts."""
    place = Path(tempfile.mkdtemp(prefix="tandem-mail-"))
    place.chmod(0o755)  # Dovecot works as somebody else
    try:
        certificate, key = _certificate(place)
        servers = Servers(free_port(), free_port(), free_port(), free_port(), certificate)
        lmtp, sign_in = free_port(), free_port()
        with (
            _dovecot(place / "dovecot", servers, certificate, key, lmtp, sign_in),
            _postfix(place / "postfix", servers, certificate, key, lmtp, sign_in),
        ):
            yield servers
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _certificate(place: Path) -> tuple[Path, Path]:
    """A certificate for localhost, its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = place / "certificate.pem", place / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


@contextmanager
def _dovecot(
    place: Path, servers: Servers, certificate: Path, key: Path, lmtp: int, sign_in: int
) -> Iterator[None]:
    for folder in ("run", "mail", "keys/default/HS256"):
        (place / folder).mkdir(parents=True)
    os.chown(place / "mail", _UID, _UID)
    (place / "users").write_text("".join(f"{person}:{{PLAIN}}{PASSWORD}\n" for person in PEOPLE))
    (place / "keys/default/HS256/default").write_bytes(b64encode(_TOKEN_KEY))
    (place / "oauth2.conf.ext").write_text(
        f"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={place}/keys/\nusername_attribute = email\n"
    )
    (place / "dovecot.conf").write_text(
        dedent(
            f"""
            base_dir = {place}/run
            state_dir = {place}/run
            log_path = {place}/log
            listen = 127.0.0.1
            protocols = imap lmtp
            ssl = required
            ssl_cert = <{certificate}
            ssl_key = <{key}
            auth_mechanisms = plain login xoauth2
            auth_failure_delay = 0
            first_valid_uid = {_UID}
            mail_location = maildir:{place}/mail/%u/Maildir
            passdb {{
              driver = oauth2
              mechanisms = xoauth2
              args = {place}/oauth2.conf.ext
            }}
            passdb {{
              driver = passwd-file
              args = scheme=PLAIN username_format=%u {place}/users
            }}
            userdb {{
              driver = static
              args = uid={_UID} gid={_UID} home={place}/mail/%u
            }}
            namespace inbox {{
              inbox = yes
              mailbox Sent {{
                special_use = \\Sent
                auto = create
              }}
            }}
            service imap-login {{
              inet_listener imap {{
                port = 0
              }}
              inet_listener imaps {{
                port = {servers.imap}
              }}
            }}
            service lmtp {{
              inet_listener lmtp {{
                address = 127.0.0.1
                port = {lmtp}
              }}
            }}
            service auth {{
              inet_listener {{
                address = 127.0.0.1
                port = {sign_in}
              }}
            }}
            service anvil {{
              unix_listener anvil-auth-penalty {{
                mode = 0
              }}
            }}
            """
        )
    )
    server = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", place / "dovecot.conf"])
    try:
        eventually(lambda: _answers(servers), f"Dovecot's start ({_tail(place / 'log')})")
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _answers(servers: Servers) -> bool:
    try:
        with servers.mailbox(PEOPLE[0]):
            return True
    except OSError:
        return False


@contextmanager
def _postfix(
    place: Path, servers: Servers, certificate: Path, key: Path, lmtp: int, sign_in: int
) -> Iterator[None]:
    for folder in ("conf", "queue", "data"):
        (place / folder).mkdir(parents=True)
    shutil.chown(place / "data", "postfix")
    known = ", ".join(f"{address}=x" for address in (*PEOPLE, GHOST))
    domains = " ".join(sorted({address.partition("@")[2] for address in PEOPLE}))
    (place / "conf/main.cf").write_text(
        dedent(
            f"""\
            compatibility_level = 3.6
            myhostname = mx.test
            mydestination =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            queue_directory = {place}/queue
            data_directory = {place}/data
            maillog_file = {place}/log
            maillog_file_prefixes = {place}
            message_size_limit = 41943040
            virtual_mailbox_domains = {domains}
            virtual_mailbox_maps = inline:{{{known}}}
            virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
            default_transport = error:no outside mail
            transport_maps = inline:{{.le.salesforce.com=smtp:[127.0.0.1]:{servers.salesforce}}}
            minimal_backoff_time = 1s
            queue_run_delay = 1s
            smtp_tls_security_level = none
            smtp_dns_support_level = disabled
            local_recipient_maps =
            alias_maps =
            alias_database =
            smtpd_tls_cert_file = {certificate}
            smtpd_tls_key_file = {key}
            smtpd_sasl_type = dovecot
            smtpd_sasl_path = inet:127.0.0.1:{sign_in}
            smtpd_recipient_restrictions = permit_mynetworks,reject
            """
        )
    )
    shipped = next(
        file
        for file in map(Path, ("/etc/postfix/master.cf.proto", "/usr/share/postfix/master.cf.dist"))
        if file.exists()
    )
    lines = [
        " ".join([*fields[:4], "n", *fields[5:]])
        if len(fields := line.split()) >= 8 and line[:1].isalpha()
        else line
        for line in shipped.read_text().splitlines()
        if not line.startswith("smtp  ") or " inet " not in line
    ]
    lines += [
        f"127.0.0.1:{servers.delivery} inet n - n - - smtpd",
        f"127.0.0.1:{servers.submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt"
        " -o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
    ]
    (place / "conf/master.cf").write_text("\n".join(lines) + "\n")
    subprocess.run(["/usr/sbin/postfix", "-c", place / "conf", "start"], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["/usr/sbin/postfix", "-c", place / "conf", "stop"], check=False, capture_output=True)


def _tail(log: Path) -> str:
    return log.read_text()[-500:] if log.exists() else "no log"
