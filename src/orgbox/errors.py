"""What can be wrong with a request, in Salesforce's own words.

Every refusal of an org is an `OrgError`: its `code` is Salesforce's `errorCode`, its `message` the text that
Salesforce would print, `fields` the fields that it names. The HTTP layer adds the status code and nothing else.
"""

from __future__ import annotations


class OrgError(Exception):
    """A refusal with Salesforce's own error code (object reference: Core Data Types, StatusCode)."""

    def __init__(self, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = fields
