"""What does this org take for granted that nobody here has seen a real org do?

Each row is a statement that Salesforce's documentation leaves open or that only hearsay supports, the place that
stands on it, and the check that settles it on a Developer Edition org. Whoever runs a check and finds otherwise
corrects the place and removes the row. (What the query language assumes is in `orgbox.soql.assumptions`.)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumption:
    """A statement, the module that relies on it, and how to check it."""

    statement: str
    used_in: str
    check: str


ASSUMPTIONS: tuple[Assumption, ...] = (
    # Records
    Assumption(
        "A unique value in the recycle bin does not block a new record from taking it.",
        "writes.Transaction._check",
        "Insert a Task with a unique key, delete it, insert another with the same key.",
    ),
    Assumption(
        "Undeleting a record whose unique value was taken meanwhile answers DUPLICATE_VALUE.",
        "recycle_bin.undelete",
        "As above, then undelete the first one by Apex: `Database.undelete(id, false)`.",
    ),
    Assumption(
        "An update that changes nothing still moves LastModifiedDate and SystemModstamp.",
        "writes.Transaction.update",
        "PATCH a Task with the Subject it has; read both stamps before and after.",
    ),
    Assumption(
        "Deleting moves LastModifiedDate, LastModifiedById and SystemModstamp to the deletion.",
        "recycle_bin._delete",
        "DELETE a Task; read the three fields by queryAll.",
    ),
    Assumption(
        "Text loses trailing white space, an empty text becomes null, CRLF becomes LF; leading space stays.",
        "validation._text",
        "POST a Task with Subject ' a ' and Description 'x\\r\\ny  '; read them back.",
    ),
    Assumption(
        "Length limits count Unicode code points.",
        "validation._text",
        "POST a Subject of 255 characters outside the Basic Multilingual Plane.",
    ),
    Assumption(
        "The texts of STRING_TOO_LONG, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, MALFORMED_ID of a reference, "
        "INVALID_FIELD_FOR_INSERT_UPDATE and JSON_PARSER_ERROR are as written here.",
        "validation",
        "Provoke each by one POST to /sobjects/Task and compare.",
    ),
    Assumption(
        "Null for a required field with a default (Task.Status) is REQUIRED_FIELD_MISSING on insert too; null for a "
        "checkbox is JSON_PARSER_ERROR.",
        "validation",
        "POST {'Status': null} and {'IsReminderSet': null}.",
    ),
    Assumption(
        "A Lead in WhoId with a WhatId is FIELD_INTEGRITY_EXCEPTION on WhoId and WhatId, with this text.",
        "rules._task",
        "POST a Task with both.",
    ),
    Assumption(
        "ActivityDate, and a change of Status, on a recurrence master are FIELD_INTEGRITY_EXCEPTION.",
        "rules._task",
        "Create a series by API, then PATCH its master.",
    ),
    Assumption(
        "A Task locks its row, its account, WhoId and WhatId on update and delete, and the latter three on insert "
        "when it is open and has a due date.",
        "writes.Transaction",
        "Hold a contact with SELECT ... FOR UPDATE in Apex, and write Tasks of it by REST meanwhile.",
    ),
    Assumption(
        "A unique value written by a transaction still running answers UNABLE_TO_LOCK_ROW to others after 10 s.",
        "commits.Pending.claim",
        "Insert in Apex, wait in the same transaction, insert the same key by REST.",
    ),
    Assumption(
        "Changing a Task's AccountId source (the contact's account) later does not change the Task.",
        "derived._task",
        "Move a Contact to another Account; read AccountId of its Tasks.",
    ),
    Assumption(
        "Archiving moves no stamp; a Task that no longer qualifies after an update leaves the archive.",
        "archive.run, derived._task",
        "Read an archived Task's SystemModstamp; reopen it; look for it in query().",
    ),
    Assumption(
        "Lead conversion leaves tasks in the recycle bin with the lead, and stamps all others anew.",
        "conversion.convert",
        "Convert a lead with an open, a closed and a deleted task; read WhoId and the stamps by queryAll.",
    ),
    Assumption(
        "Records deleted along with a parent are listed by getDeleted of their own sObject.",
        "changes.deleted",
        "Delete a Contact with Tasks; GET /sobjects/Task/deleted.",
    ),
    Assumption(
        "Emptying the bin takes records out of getDeleted and moves earliestDateAvailable to that moment.",
        "recycle_bin._erase",
        "Delete a Task, empty the bin, GET /sobjects/Task/deleted.",
    ),
    Assumption(
        "getUpdated lists archived records, and none that are deleted.",
        "changes.updated",
        "Update an archived Task and delete another; GET /sobjects/Task/updated.",
    ),
    Assumption(
        "The key prefixes of TaskStatus and TaskPriority (01T, 04U) are ours; nobody should meet them.",
        "schema.choices",
        "GET /sobjects; compare keyPrefix.",
    ),
    Assumption(
        "The standard picklist values are those of a new Developer Edition org in English.",
        "schema.task, schema.sales",
        "Describe Task, Lead and Opportunity; compare picklistValues.",
    ),
    Assumption(
        "A user name that is taken is DUPLICATE_VALUE (a real org is said to answer DUPLICATE_USERNAME).",
        "schema.people",
        "POST a User with the Username of another.",
    ),
    Assumption(
        "The sentences of API_CURRENTLY_DISABLED, ENTITY_IS_LOCKED, TXN_SECURITY_NO_ACCESS, SERVER_UNAVAILABLE and "
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE are as written here; the last is 503.",
        "refusals.REFUSALS",
        "Take API Enabled from a profile and call; PATCH a record in approval; the others show in an incident.",
    ),
    Assumption(
        "A Task that refers to a converted lead is CANNOT_UPDATE_CONVERTED_LEAD.",
        "writes.Transaction._check_reference",
        "Convert a lead; POST a Task with its id in WhoId.",
    ),
    Assumption(
        "A reference to a record that the user cannot see is INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY; such a "
        "record itself is NOT_FOUND, to read and to write.",
        "access.Access, writes.Transaction",
        "As a user without access: POST a Task with the id of another's private account; PATCH that account.",
    ),
    Assumption(
        "Creating what the profile may only read is CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY, changing or deleting it "
        "INSUFFICIENT_ACCESS_OR_READONLY; a field that field-level security hides is INVALID_FIELD to write.",
        "access.Access",
        "As a user with read access to Account: POST, PATCH, DELETE one; POST a Task with a hidden field.",
    ),
    Assumption(
        "Each row counts 2 KB towards the storage, and STORAGE_LIMIT_EXCEEDED says 'storage limit exceeded'.",
        "guards.insert",
        "Fill a Developer Edition org's 5 MB; POST one more Task.",
    ),
    Assumption(
        "A lookup filter is asked when its lookup changes, a validation rule at every write.",
        "policies.refusal",
        "Add a filter that an existing record breaks; PATCH another field of it.",
    ),
    # Queries (their yes-or-no assumptions are switches in orgbox.soql.assumptions)
    Assumption(
        "Without ORDER BY, groups come null first and then by value, the sub-totals of ROLLUP and CUBE after them; two "
        "texts that differ in capitals are two groups.",
        "soql.grouping",
        "GROUP BY a text field that holds 'a', 'A' and null; the same with ROLLUP.",
    ),
    Assumption(
        "TYPEOF without ELSE shows of a parent that no WHEN names its attributes and nothing else.",
        "soql.selection",
        "SELECT TYPEOF Who WHEN Contact THEN Name END FROM Task, with a lead in WhoId.",
    ),
    Assumption(
        "FORMAT() writes as en_US does, whatever the user's locale; convertCurrency() is refused in an org of one currency.",
        "soql.functions, soql.columns",
        "SELECT FORMAT(CreatedDate), convertCurrency(Amount) FROM Opportunity, as a Dutch user.",
    ),
    Assumption(
        "The sentences that refuse a wrong aggregate, join, TYPEOF, scope or function are as written here, and all are "
        "MALFORMED_QUERY.",
        "soql.grouping, soql.joins, soql.selection, soql.columns",
        "Send each query of tests/orgbox/test_soql_groups.py and test_soql_relations.py that is refused there.",
    ),
    Assumption(
        "A sub-query's rows all come with their parent's page: they have no nextRecordsUrl of their own.",
        "soql.evaluate",
        "Query a contact with more than 2,000 tasks, and the tasks as a sub-query.",
    ),
    # Email to Salesforce
    Assumption(
        "One activity for each record that a letter is filed on: a person in WhoId, an account or opportunity in WhatId; "
        "completed, owned by the user, subtype Email, its Subject 'Email: ' and the letter's, To and Cc before the body.",
        "mail.file",
        "Send a copy to a user's address with a contact in To who has a role on an open opportunity; read the Tasks.",
    ),
    Assumption(
        "A letter that matches nobody becomes one open Task of the user's, with neither WhoId nor WhatId.",
        "mail.file",
        "Send a copy with an unknown address in To; look into My Unresolved Items and query the Task.",
    ),
    Assumption(
        "Who is not among the acceptable addresses, an inactive or unknown address and too many bytes are refused in the "
        "SMTP dialogue, with these codes and words; the sender is who From names.",
        "mail.refused_sender, mail.refused_address",
        "Send from another address, to an address one letter off, and 30 MB; read the bounces.",
    ),
    Assumption(
        "An excluded domain's addresses count among the 50 and match nothing; opportunities are found by a contact's "
        "role also where contacts themselves are not ticked.",
        "mail_matching.looked_at, mail_matching.filing",
        "Untick Contacts, write to a contact with a role; exclude a domain, write to 50 of it and one other.",
    ),
    # HTTP
    Assumption(
        "GET of a record in the bin is 404 ENTITY_IS_DELETED; of an id never given out, 404 NOT_FOUND; in a "
        "collection the latter is INVALID_CROSS_REFERENCE_KEY.",
        "http.rows, http.collections",
        "GET, PATCH and collection-PATCH both kinds of id.",
    ),
    Assumption(
        "412 carries ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE, inside a composite too.",
        "http.statuses",
        "PATCH with an old If-Unmodified-Since, alone and in a composite.",
    ),
    Assumption(
        "A conditional header that is no HTTP date is 400 INVALID_HEADER_VALUE.",
        "http.call.Call.http_date",
        "PATCH with If-Unmodified-Since: yesterday.",
    ),
    Assumption(
        "An unknown external-id field in a path is 404 NOT_FOUND with the text used here.",
        "writes.Transaction.upsert",
        "PATCH /sobjects/Task/Nope__c/1.",
    ),
    Assumption(
        "The key field in the body of an upsert by path is INVALID_FIELD; If-Unmodified-Since guards that upsert too.",
        "http.rows.upsert",
        "PATCH /sobjects/Task/Key__c/k1 with the key in the body; then with an old date.",
    ),
    Assumption(
        "Unknown fields in one row of a collection refuse that row, not the call.",
        "http.collections",
        "POST two records, one with a field Nope__c.",
    ),
    Assumption(
        "Codes and texts of a malformed composite or collection (too many, double referenceId, forbidden header).",
        "http.composite, http.collections",
        "Send each once.",
    ),
    Assumption(
        "A sub-request whose reference leads nowhere is 400 PROCESSING_HALTED; the others go on without allOrNone.",
        "http.composite",
        "Refer to a field that the first answer does not have.",
    ),
    Assumption(
        "nextRecordsUrl is the resource, an 18-character id of prefix 01g and an offset.",
        "http.query",
        "Query more than 2,000 rows.",
    ),
    Assumption(
        "414 and 431 are HTML pages of the edge.",
        "http.gateway",
        "GET /query with a query of 20,000 characters; then the same in a header.",
    ),
    Assumption(
        "A token reply has no expires_in; signature is HMAC-SHA256 of id + issued_at under the client secret; a "
        "session lives two hours after its last use.",
        "http.oauth",
        "Refresh a token; compute the signature; wait.",
    ),
    Assumption(
        "Statuses of error codes that the documentation does not give (400 unless listed).",
        "http.statuses",
        "Provoke each; compare.",
    ),
)
