"""What does this org's HTTP side take for granted that nobody here has seen a real org do?

As `orgbox.schema.assumptions`, which says how such a row is meant.
"""

from __future__ import annotations

from orgbox.schema.assumptions import Assumption

ASSUMPTIONS: tuple[Assumption, ...] = (
    # Signing in
    Assumption(
        "An assertion's exp may lie as far ahead as it likes (Salesforce's own `sf` sends milliseconds); every active user "
        "counts as approved by the admin; a wrong signature is invalid_grant 'invalid assertion'.",
        "http.assertion",
        "Sign an assertion with exp in a year, one with another key, and one for a user who never approved the app.",
    ),
    Assumption(
        "A wrong password is invalid_grant 'authentication failure' by OAuth and INVALID_LOGIN by SOAP; no security token is "
        "asked for; login() of version 65.0 and later is UNSUPPORTED_API_VERSION.",
        "http.token, http.soap",
        "Log in with a wrong password by both; POST a login to /services/Soap/u/65.0.",
    ),
    Assumption(
        "Introspection of a refresh token says token_type refresh_token and nothing of its times.",
        "http.identity.introspect",
        "POST a refresh token to /services/oauth2/introspect.",
    ),
    # Many at once
    Assumption(
        "What a halted batch left undone is 412 BATCH_PROCESSING_HALTED.",
        "http.batch",
        "Send a batch with haltOnError whose first request fails.",
    ),
    Assumption(
        "Of a failed graph the one refused request keeps its answer and all others are 400 PROCESSING_HALTED, those after "
        "14 failed graphs too.",
        "http.graph",
        "Send fifteen graphs that fail at their second node, and a sixteenth that would not.",
    ),
    Assumption(
        "A tree's results come in the order of its JSON, children after their parent; its errors name only the rows that "
        "were refused, and 201 and 400 are its statuses.",
        "http.tree",
        "Send a tree of two accounts with contacts; then one whose second contact is too long.",
    ),
    Assumption(
        "A parent named by a key that nobody has is INVALID_FIELD with this text.",
        "foreign_keys",
        "POST a Contact with Account: {Key__c: nope}.",
    ),
    Assumption(
        "Bulk 2: the codes and texts of refused jobs (INVALIDJOB, INVALIDJOBSTATE, API_ERROR), of a job that failed as a "
        "whole, and 200 for a new job; #N/A empties a field and an empty cell is ignored; null is an empty cell in results.",
        "http.ingest, http.bulk_query, bulk.table",
        "Send a job with a wrong delimiter, one with CRLF where LF was said, one with an unknown column, one twice.",
    ),
    Assumption(
        "Bulk 1 answers about batches in JSON only if the job is JSON, about the job as it was asked; its refusals are 400.",
        "http.bulk1",
        "Create a CSV job with a JSON body; ask for a batch; use a dead session.",
    ),
    # Searching and lists
    Assumption(
        "Words next to each other must all be found, in one record and in any field of the group; * and ? stand for letters "
        "of one word; without RETURNING every object that people write is searched and ids are answered.",
        "sosl",
        'FIND {ann lee}, {l?e}, {le*}, {"ann lee"} and {ann OR bo} with and without RETURNING, minutes after writing.',
    ),
    Assumption(
        "An sObject's lists are two, of all and of mine; a layout holds all fields in two columns; the answers' keys are real.",
        "http.list_views, http.layouts",
        "GET /sobjects/Task/listviews and /describe/layouts; compare keys.",
    ),
    Assumption(
        "recent is what was made, changed or opened one by one.",
        "http.recent",
        "POST a Task by REST; GET /recent; open another on a page; GET /recent.",
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
    Assumption(
        "Bulk 1: a batch that is not worked on is NotProcessed (jsforce knows it so, tap-salesforce as 'Not Processed'); a query with "
        "more than a WHERE fails when it is to be chunked; the last chunk ends with the last id.",
        "http.bulk1, bulk.chunks",
        "Make a query job with Sforce-Enable-PKChunking: chunkSize=1; add a batch, and one with a LIMIT; list the batches.",
    ),
    # The Pub/Sub API
    Assumption(
        "A change event's schema has the header, then the fields without Id, IsDeleted, IsArchived and SystemModstamp; days and moments "
        "are milliseconds in a long; a schema's id is the MD5 of its JSON; UNDELETE tells all fields, DELETE none.",
        "pubsub.avro",
        "GetSchema of /data/TaskChangeEvent; compare names and types; delete and undelete a Task while subscribed.",
    ),
    Assumption(
        "The codes in the trailer error-code of an unknown topic, schema or session, of num_requested 0 and of another topic are as "
        "written here; a replay id that is kept no more is subscription.fetch.replayid.corrupted.",
        "pubsub.door, pubsub.subscription",
        "Provoke each with a client of the Pub/Sub API; read the trailers.",
    ),
    Assumption(
        "A subscription whose client has closed its side ends when what was asked for is delivered; a session that ends later does not "
        "end it.",
        "pubsub.door",
        "Subscribe with num_requested 1, close the sending side, change a Task; revoke the session of another subscription.",
    ),
    Assumption(
        "A user is told of records and fields that the user may see, by the record as it is after the change.",
        "pubsub.door",
        "Subscribe as a user without View All Data; change a Task of somebody else, and a field hidden from the user.",
    ),
)
