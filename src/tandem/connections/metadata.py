"""The custom fields as a file that Salesforce can deploy: our key (create mode A), and those of A.9. Pure.

A metadata package of the API's own format (Metadata API Developer Guide, CustomField on Activity): package.xml and
objects/Activity.object in a zip. The same bytes every time.
"""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from tandem.connections.describe import KEY_FIELD
from tandem.connections.sales_fields import SALES_FIELDS, SalesField

_NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
_VERSION = "60.0"
_KEY = f"""    <fields>
        <fullName>{KEY_FIELD}</fullName>
        <label>Tandem Key</label>
        <description>Filled by Tandem, so that no task is ever created twice. Do not edit.</description>
        <type>Text</type>
        <length>64</length>
        <unique>true</unique>
        <caseSensitive>true</caseSensitive>
        <externalId>true</externalId>
        <required>false</required>
    </fields>"""


def key_package() -> bytes:
    """The zip with our unique key field alone."""
    return _package([KEY_FIELD], [_KEY])


def sales_package() -> bytes:
    """The zip with the fifteen fields of A.9."""
    return _package([field.name for field in SALES_FIELDS], [_sales_field(field) for field in SALES_FIELDS])


def _sales_field(field: SalesField) -> str:
    of_kind = {
        "text": f"<type>Text</type>\n        <length>{max(field.length, 50)}</length>",
        "url": "<type>Url</type>",
        "checkbox": "<type>Checkbox</type>\n        <defaultValue>false</defaultValue>",
    }[field.kind]
    return f"""    <fields>
        <fullName>{field.name}</fullName>
        <label>{escape(field.label)}</label>
        {of_kind}
    </fields>"""


def _package(names: list[str], fields: list[str]) -> bytes:
    members = "\n".join(f"        <members>Activity.{name}</members>" for name in names)
    package = f"""<?xml version="1.0" encoding="UTF-8"?>
<Package {_NAMESPACE}>
    <types>
{members}
        <name>CustomField</name>
    </types>
    <version>{_VERSION}</version>
</Package>
"""
    listed = "\n".join(fields)
    activity = f"""<?xml version="1.0" encoding="UTF-8"?>
<CustomObject {_NAMESPACE}>
{listed}
</CustomObject>
"""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in (("package.xml", package), ("objects/Activity.object", activity)):
            file.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return packed.getvalue()
