"""What does an org make of a file that is put in? Its size and kind, and for content a document with numbered versions.

Object reference: ContentVersion, ContentDocument, ContentDocumentLink, Attachment.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from orgbox.errors import OrgError
from orgbox.records import Record

if TYPE_CHECKING:
    from orgbox.writes import Transaction

#: Salesforce's word for a kind of file, where it is not the extension in capitals.
_KINDS = {"csv": "CSV", "doc": "WORD", "docx": "WORD_X", "jpeg": "JPG", "txt": "TEXT", "xlsx": "EXCEL_X"}
_SHARED = ("Title", "Description", "FileType", "FileExtension", "ContentSize", "OwnerId")
_STAMPS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")


def bytes_of(kept: str | None) -> bytes:
    """The bytes of a file as it is kept, in base64."""
    return base64.b64decode(kept or "")


def measure(record: Record, old: Record | None) -> None:
    """Fill in what follows from the bytes of an Attachment or a Document."""
    if old is None or record["Body"] != old["Body"]:
        record["BodyLength"] = len(bytes_of(record["Body"]))


def measure_version(version: Record, old: Record | None) -> None:
    """Fill in what follows from the bytes and the name of a ContentVersion."""
    if old is None or version["VersionData"] != old["VersionData"]:
        content = bytes_of(version["VersionData"])
        version["ContentSize"] = len(content)
        version["Checksum"] = hashlib.md5(content, usedforsecurity=False).hexdigest()
    name = str(version["PathOnClient"] or "").replace("\\", "/").rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    if dot:
        version["FileExtension"] = extension[:40]
    version["FileType"] = _KINDS.get(extension.lower(), extension.upper()[:20]) if dot else "UNKNOWN"
    if version["Title"] is None and name:
        version["Title"] = (stem if dot else name)[:255]


def version_gets_its_document(tx: Transaction, version: Record, old: Record | None) -> None:
    """A new version is the latest of its document; without one it gets one, linked to its owner and where it was published."""
    if old is not None:
        if version["IsLatest"]:
            _tell(tx, version["ContentDocumentId"], version)
        return
    if (document := version["ContentDocumentId"]) is not None:
        _succeed(tx, document, version)
        return
    document = tx.state.mint.new("069")
    version |= {"ContentDocumentId": document, "IsLatest": True, "VersionNumber": "1"}
    fields = {name: version[name] for name in (*_SHARED, *_STAMPS) if version[name] is not None}
    tx.write(
        "ContentDocument",
        Record(tx.state.schema("ContentDocument").defaults).next(
            {"Id": document, **fields, "LatestPublishedVersionId": version["Id"]}
        ),
    )
    link = {"ContentDocumentId": document, "LinkedEntityId": version["OwnerId"], "ShareType": "I"}
    tx.insert("ContentDocumentLink", link)
    place = version["FirstPublishLocationId"]
    if place is not None and place != version["OwnerId"]:
        tx.insert("ContentDocumentLink", link | {"LinkedEntityId": place, "ShareType": "V"})


def document_tells_its_version(tx: Transaction, document: Record, old: Record | None) -> None:
    """A document and its latest version have one title."""
    latest = None if old is None else tx.look("ContentVersion", document["LatestPublishedVersionId"])
    if latest is not None and latest["Title"] != document["Title"]:
        tx.write("ContentVersion", latest.next({"Title": document["Title"]}))


def link_is_the_only_one(tx: Transaction, link: Record, old: Record | None) -> None:
    """A document is linked to a record once. Raises OrgError DUPLICATE_VALUE."""
    schema = tx.state.schema("ContentDocumentLink")
    field = schema.by_name["ContentDocumentId"]
    for other in tx.children(schema, field, link["ContentDocumentId"]):
        is_another = other["Id"] != link["Id"] and not other["IsDeleted"]
        if is_another and other["LinkedEntityId"] == link["LinkedEntityId"]:
            raise OrgError(
                "DUPLICATE_VALUE",
                f"duplicate value found: LinkedEntityId, ContentDocumentId: {other['Id'][:15]}",
            )


def _succeed(tx: Transaction, document: str, version: Record) -> None:
    schema = tx.state.schema("ContentVersion")
    before = [
        each
        for each in tx.children(schema, schema.by_name["ContentDocumentId"], document)
        if each["Id"] != version["Id"] and not each["IsDeleted"]
    ]
    for each in before:
        if each["IsLatest"]:
            tx.write(schema.name, each.next({"IsLatest": False}))
    version |= {"IsLatest": True, "VersionNumber": str(len(before) + 1)}
    _tell(tx, document, version)


def _tell(tx: Transaction, document: str, version: Record) -> None:
    """Bring a document up to date with its latest version."""
    kept = tx.look("ContentDocument", document)
    if kept is not None and not kept["IsDeleted"]:
        names = (*_SHARED, "LastModifiedDate", "LastModifiedById", "SystemModstamp")
        told = {name: version[name] for name in names if name != "OwnerId"}
        tx.write("ContentDocument", kept.next(told | {"LatestPublishedVersionId": version["Id"]}))
