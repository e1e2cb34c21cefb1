"""All that speaks to Salesforce, and nothing else does. Imports nothing of ours.

    app = App(client_id, client_secret, "https://acme.my.salesforce.com", grant="client_credentials")
    with Client(Session(MemoryVault(sign_in(app)), app)) as org:
        page = org.tasks_changed_since(owners, since)

Start reading at `errors`: whether a thing was done is the question that everything else here answers.
"""

from tandem.salesforce.activities import MOST_COLLECTIONS, MOST_QUESTIONS, MOST_ROWS
from tandem.salesforce.budget import Pace, pace, share_used
from tandem.salesforce.client import (
    MOST_DELETES,
    MOST_IDS,
    MOST_INSERTS,
    MOST_KEYS,
    MOST_PATCHES,
    Client,
    exchange_code,
    revoke,
    sign_in,
)
from tandem.salesforce.codes import classify
from tandem.salesforce.errors import (
    BadInput,
    Busy,
    Changed,
    Duplicate,
    Gone,
    LimitReached,
    NotDone,
    OutcomeUnknown,
    Refused,
    SalesforceError,
    SignInNeeded,
    Unreachable,
)
from tandem.salesforce.filed_mail import FiledMail, FiledTask, MailAddress, MailService
from tandem.salesforce.hosts import checked_instance_url
from tandem.salesforce.line import Timeouts
from tandem.salesforce.oauth import (
    App,
    Consent,
    MemoryVault,
    Session,
    Tokens,
    TokenVault,
    authorize_url,
    code_challenge,
)
from tandem.salesforce.outcomes import (
    DeletedLog,
    Description,
    Done,
    Doubt,
    Failed,
    FieldInfo,
    Limits,
    Page,
    Patch,
    QueryPage,
    RowResult,
    Rows,
    UpdatedLog,
    Written,
)
from tandem.salesforce.people import FoundRow, PersonRow, Question, RoleRow, TasksOf
from tandem.salesforce.tasks import check_new_task, check_task
from tandem.salesforce.wire import LimitInfo, TaskRow, id18

__all__ = [
    "MOST_COLLECTIONS",
    "MOST_DELETES",
    "MOST_IDS",
    "MOST_INSERTS",
    "MOST_KEYS",
    "MOST_PATCHES",
    "MOST_QUESTIONS",
    "MOST_ROWS",
    "App",
    "BadInput",
    "Busy",
    "Changed",
    "Client",
    "Consent",
    "DeletedLog",
    "Description",
    "Done",
    "Doubt",
    "Duplicate",
    "Failed",
    "FieldInfo",
    "FiledMail",
    "FiledTask",
    "FoundRow",
    "Gone",
    "LimitInfo",
    "LimitReached",
    "Limits",
    "MailAddress",
    "MailService",
    "MemoryVault",
    "NotDone",
    "OutcomeUnknown",
    "Pace",
    "Page",
    "Patch",
    "PersonRow",
    "QueryPage",
    "Question",
    "Refused",
    "RoleRow",
    "RowResult",
    "Rows",
    "SalesforceError",
    "Session",
    "SignInNeeded",
    "TaskRow",
    "TasksOf",
    "Timeouts",
    "TokenVault",
    "Tokens",
    "Unreachable",
    "UpdatedLog",
    "Written",
    "authorize_url",
    "check_new_task",
    "check_task",
    "checked_instance_url",
    "classify",
    "code_challenge",
    "exchange_code",
    "id18",
    "pace",
    "revoke",
    "share_used",
    "sign_in",
]
