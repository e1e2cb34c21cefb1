"""What does Salesforce say with each of the 26 codes that a logging integration meets? (docs/orgbox-faults.md)

Five of them are told where a token is fetched, as OAuth's error and description; one is a connection that breaks.
All others are an errorCode with its sentence. Which of these texts nobody here has seen a real org say stands in
`orgbox.schema.assumptions`.
"""

from __future__ import annotations

from dataclasses import dataclass

from orgbox.errors import OrgError


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code's usual sentence and fields; `sign_in` is (error, error_description) of the token endpoint."""

    message: str
    fields: tuple[str, ...] = ()
    sign_in: tuple[str, str] | None = None

    def error(self, code: str, message: str | None = None) -> OrgError:
        """The refusal of a call, a sub-request or a row; `message` says it otherwise."""
        return OrgError(code, message or self.message, self.fields)


_CHECK_NAMES = "Please reference your WSDL or the describe call for the appropriate names."

REFUSALS: dict[str, Refusal] = {
    "API_CURRENTLY_DISABLED": Refusal("API is disabled for this User"),
    "AUTHENTICATION_FAILURE": Refusal(
        "authentication failure", sign_in=("invalid_grant", "authentication failure")
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Refusal(
        "TaskTrigger: execution of BeforeInsert\n\ncaused by: System.NullPointerException: Attempt to de-reference "
        "a null object\n\nTrigger.TaskTrigger: line 3, column 1"
    ),
    "CANNOT_UPDATE_CONVERTED_LEAD": Refusal("cannot reference converted lead"),
    "ENTITY_IS_LOCKED": Refusal("the entity is locked for editing"),
    "EXPIRED_ACCESS": Refusal(
        "expired access/refresh token", sign_in=("invalid_grant", "expired access/refresh token")
    ),
    "FAILED_WRITE": Refusal("end of file reached"),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Refusal("Refused by a validation rule of this org"),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Refusal(
        "Value does not exist or does not match filter criteria.", ("WhatId",)
    ),
    "FIELD_INTEGRITY_EXCEPTION": Refusal(
        "There's a problem with this country, even though it may appear correct. Please select a country/territory "
        "from the list of valid countries.: Mailing Country",
        ("MailingCountry",),
    ),
    "INACTIVE_ORGANIZATION": Refusal(
        "organization is locked, closed, or suspended",
        sign_in=("inactive_org", "organization is locked, closed, or suspended"),
    ),
    "INACTIVE_USER": Refusal("user is inactive", sign_in=("inactive_user", "user is inactive")),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Refusal(
        "can't perform insert, update or delete operations while maintenance is in progress"
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Refusal(
        "insufficient access rights on cross-reference id"
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Refusal("insufficient access rights on object id"),
    "INVALID_FIELD": Refusal(
        "No such column 'Type' on entity 'Task'. If you are attempting to use a custom field, be sure to append "
        f"the '__c' after the custom field name. {_CHECK_NAMES}"
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Refusal(
        "Unable to create/update fields: Type. Please check the security settings of this field and verify that it "
        "is read/write for your profile or permission set.",
        ("Type",),
    ),
    "INVALID_GRANT": Refusal("ip restricted", sign_in=("invalid_grant", "ip restricted")),
    "INVALID_TYPE": Refusal(
        "sObject type 'Lead' is not supported. If you are attempting to use a custom object, be sure to append the "
        f"'__c' after the entity name. {_CHECK_NAMES}"
    ),
    "QUERY_TIMEOUT": Refusal("Your query request was running for too long."),
    "REQUEST_LIMIT_EXCEEDED": Refusal("TotalRequests Limit exceeded."),
    "REQUIRED_FIELD_MISSING": Refusal("Required fields are missing: [Subject]", ("Subject",)),
    "SERVER_UNAVAILABLE": Refusal("Server unavailable. Try again later."),
    "TXN_SECURITY_NO_ACCESS": Refusal(
        "The operation you requested was blocked by your admin's security policy."
    ),
    "UNABLE_TO_LOCK_ROW": Refusal("unable to obtain exclusive access to this record"),
    "UNKNOWN_EXCEPTION": Refusal(
        "An unexpected error occurred. Please include this ErrorId if you contact support: "
        "1906843712-48215 (1264107535)"
    ),
}

OTHER_SENTENCES: dict[str, tuple[str, ...]] = {
    "INVALID_FIELD": ("Net::ReadTimeout",),
    "REQUEST_LIMIT_EXCEEDED": (
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        "ConcurrentPerOrgLongTxn Limit exceeded.",
    ),
}
"""What the same code says for another cause; given as a fault's `message`."""
