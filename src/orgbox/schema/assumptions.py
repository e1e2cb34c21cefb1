"""What does this org take for granted that nobody here has seen a real org do?

Each row is a statement that Salesforce's documentation leaves open or that only hearsay supports, the place that
stands on it, and the check that settles it on a Developer Edition org. Whoever runs a check and finds otherwise
corrects the place and removes the row. (What the query language assumes
is in `orgbox.soql.assumptions`, what HTTP does in `orgbox.http.assumptions`.)
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
        "A series has at most 100 days by day or weekday, 53 by week, 60 by month and 10 by year; a month without its day "
        "takes its last; an occurrence starts with the default status; a pattern that makes no sense is "
        "FIELD_INTEGRITY_EXCEPTION.",
        "series, rules._series",
        "POST masters of each type with an end in ten years; one on the 31st; one with a field of another pattern.",
    ),
    Assumption(
        "An email's Task is closed, of subtype Email, due on the message's day, and its Subject starts with 'Email: '; the "
        "first Contact or Lead among To, Cc and Bcc becomes its Who.",
        "consequences",
        "POST an EmailMessage with RelatedToId and two EmailMessageRelations; read the Task of its ActivityId.",
    ),
    Assumption(
        "Changing a sent email is INSUFFICIENT_ACCESS_OR_READONLY, logging one with another status than Sent is "
        "FIELD_INTEGRITY_EXCEPTION, with these words.",
        "rules._email",
        "PATCH the Subject of a sent EmailMessage; POST one with Status 1.",
    ),
    Assumption(
        "Merging stamps what it moves, deletes the losers with MasterRecordId set, and moves archived tasks too.",
        "merging",
        "Merge two contacts with open, closed and archived tasks; read all by queryAll.",
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
    Assumption(
        "Half a surrogate pair is kept as a question mark.",
        "validation._text",
        "POST a Task whose Subject is the JSON text '\\ud83d'; read it back.",
    ),
    # Events
    Assumption(
        "An event without its times is REQUIRED_FIELD_MISSING for DurationInMinutes and ActivityDateTime, of an all-day one for "
        "ActivityDate; one that ends before it begins or lasts longer than 14 days is FIELD_INTEGRITY_EXCEPTION.",
        "meetings.refusal",
        "POST Events without times, with a duration of -1, and of 20,161 minutes.",
    ),
    Assumption(
        "An event that is moved keeps its length; ActivityDate and EndDate are days in UTC; of an all-day event "
        "DurationInMinutes counts the last day whole and ActivityDateTime is null.",
        "meetings.fill_in",
        "POST an Event of 45 minutes, PATCH its StartDateTime; POST one of two whole days; read all times.",
    ),
    Assumption(
        "Events are archived a year after their end.",
        "meetings.archivable",
        "POST an Event of 2020; look for it by query and queryAll two days later.",
    ),
    # Files
    Assumption(
        "A multipart body without a part of JSON is INVALID_MULTIPART_REQUEST; the parts may come in any order.",
        "http.multipart",
        "POST a ContentVersion with its VersionData alone; with the file before the words.",
    ),
    Assumption(
        "A new ContentVersion's document is linked to its owner (ShareType I) and to FirstPublishLocationId (V); the Title is the "
        "file's name without its extension; the link of one document to one record is unique: DUPLICATE_VALUE.",
        "contents",
        "POST a ContentVersion with FirstPublishLocationId; read its ContentDocumentLinks; POST one of them again.",
    ),
    Assumption(
        "A query that selects bytes answers with their address; a Bulk query that does is refused.",
        "soql.rendering, bulk.reading",
        "SELECT VersionData FROM ContentVersion by query and by a Bulk 2 job.",
    ),
    # Shared Activities
    Assumption(
        "Changing WhoId to somebody new keeps the others; emptying it makes the first of them the WhoId; TaskWhoIds without the "
        "WhoId replaces it by the first listed.",
        "task_relations._people",
        "With Shared Activities on: POST a Task with two contacts in TaskWhoIds; PATCH WhoId to a third, then to null.",
    ),
    Assumption(
        "TaskWhoIds is an array of ids in REST; a task with a lead has no other person and no What; writing a TaskRelation moves "
        "no stamp of its Task.",
        "validation._junction, task_relations",
        "As above; POST a TaskRelation; read SystemModstamp of the Task before and after.",
    ),
    Assumption(
        "A task stays when one of its people is deleted and another is left, and has that person back when it is undeleted.",
        "task_relations.survives",
        "Delete one of two contacts of a shared Task; read it; undelete the contact.",
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
)
