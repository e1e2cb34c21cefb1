"""How do clients that only know *.salesforce.com come to a box on this machine, unmodified?

By the settings that every such client obeys: a proxy and a certificate authority, both of this test's making. The proxy
leads every connection to *.salesforce.com to the box and refuses all others.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOSTS = ("login.salesforce.com", "test.salesforce.com", "box.my.salesforce.com", "localhost")
_OURS = re.compile(r"CONNECT ([a-z0-9.-]+\.salesforce\.com):443 ", re.IGNORECASE)


def certificate(folder: Path) -> tuple[Path, tuple[Path, Path]]:
    """(the authority's certificate, (certificate, key) for the hosts of Salesforce), in files."""
    now = datetime.now(UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests of orgbox")])

    def builder(
        name: x509.Name, public: ec.EllipticCurvePublicKey, *, authority: bool
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(authority_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
        )

    names: list[x509.GeneralName] = [x509.DNSName(host) for host in HOSTS]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    root = builder(authority_name, authority_key.public_key(), authority=True).add_extension(
        usage, critical=True
    )
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    leaf = builder(leaf_name, key.public_key(), authority=False).add_extension(
        x509.SubjectAlternativeName(names), critical=False
    )
    files = folder / "authority.pem", folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(root.sign(authority_key, SHA256()).public_bytes(Encoding.PEM))
    files[1].write_bytes(leaf.sign(authority_key, SHA256()).public_bytes(Encoding.PEM))
    files[2].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files[0], (files[1], files[2])


@contextmanager
def proxy(port: int) -> Iterator[str]:
    """A proxy, while the block lasts: its address. `port` is where the box serves https."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    led: set[asyncio.Task[None]] = set()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        led.add(task)
        try:
            await _lead(reader, writer, port)
        finally:
            led.discard(task)

    async def start() -> asyncio.Server:
        return await asyncio.start_server(lead, "127.0.0.1", 0)

    async def stop() -> None:
        server.close()
        for task in led:
            task.cancel()
        await asyncio.gather(*led, return_exceptions=True)
        await asyncio.sleep(0)  # closed transports say so in the loop's next turn

    server = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def environment(proxy_url: str, authority: Path) -> dict[str, str]:
    """What a client is started with, so that it takes the proxy and trusts the box."""
    kept = {
        name: value for name, value in os.environ.items() if name.lower() not in ("no_proxy", "ssl_cert_dir")
    }
    return kept | {
        "https_proxy": proxy_url,
        "HTTPS_PROXY": proxy_url,
        "REQUESTS_CA_BUNDLE": str(authority),
        "SSL_CERT_FILE": str(authority),
        "NODE_EXTRA_CA_CERTS": str(authority),
    }


async def _lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    if not _OURS.match(head):
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()
        return
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pour(reader, inner_writer), _pour(inner_reader, writer))
    finally:
        inner_writer.close()
        writer.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(1 << 16):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
