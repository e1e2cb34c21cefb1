"""Does any text make the query languages fall over, or think for ever?   usage: python -m tests.orgbox.fuzz_queries RUNS [SEED]

Atheris tries texts that take new ways through `orgbox`'s own code, beginning with queries that are right. What ends it is an
error that is no OrgError, a text that takes more than a minute, or the memory of two gigabytes; the text is printed then.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["orgbox"]):
    from orgbox import sosl
    from orgbox.clock import VirtualClock
    from orgbox.errors import OrgError
    from orgbox.org import Org
    from orgbox.view import View
    from orgbox.writes import Transaction

from tests.contract.soql_sentences import Sentences
from tests.orgbox.box import KEY, START

#: Texts are queries and their ruins; a longer one only repeats itself.
LONGEST = 600
SECONDS = 60
MEGABYTES = 2048
RIGHT = (
    "SELECT Id, Subject, Who.Name, TYPEOF What WHEN Account THEN Name ELSE Id END FROM Task WHERE IsClosed = false",
    "SELECT Id FROM Task WHERE ActivityDate >= LAST_N_DAYS:3 AND (Subject LIKE '%a_' OR NOT Status IN ('a', null))",
    "SELECT Status s, COUNT(Id) n, MAX(ActivityDate) FROM Task GROUP BY ROLLUP(Status) HAVING COUNT(Id) > 1 ORDER BY Status",
    "SELECT CALENDAR_YEAR(CreatedDate), COUNT_DISTINCT(OwnerId) FROM Task GROUP BY CUBE(CALENDAR_YEAR(CreatedDate))",
    "SELECT Id, (SELECT Id, Subject FROM Tasks WHERE Status != null ORDER BY Subject DESC NULLS LAST LIMIT 2) FROM Contact",
    "SELECT Id FROM Contact WHERE Id IN (SELECT WhoId FROM Task WHERE Subject = 'it\\'s') AND AccountId NOT IN ('x')",
    "SELECT FIELDS(ALL) FROM Task USING SCOPE mine WHERE CallDurationInSeconds > -1.5 LIMIT 200 OFFSET 3",
    "SELECT toLabel(Status), FORMAT(CreatedDate) FROM Task t WHERE t.CreatedDate < 2026-01-01T00:00:00+01:00 FOR VIEW",
    "SELECT COUNT() FROM Event WHERE WhoId = null AND StartDateTime = THIS_FISCAL_QUARTER",
    "SELECT Id FROM Task WHERE Tandem_Key__c = 'k' AND SystemModstamp >= 2026-03-02T09:00:00Z AND OwnerId = '005070000AmOy43AQC'",
)
SEARCHES = (
    "FIND {ann} RETURNING Contact(Id, Name WHERE Email != null ORDER BY Name LIMIT 5), Lead",
    'FIND {"ann lee" AND acm* AND NOT b?b} IN NAME FIELDS RETURNING Task(Subject LIMIT 3) LIMIT 10',
    "FIND {a\\{b\\}c} IN ALL FIELDS",
)
#: Words that the fuzzer puts in of its own accord.
WORDS = (
    "SELECT FROM WHERE AND OR NOT IN LIKE INCLUDES EXCLUDES ORDER BY GROUP HAVING LIMIT OFFSET ASC DESC NULLS FIRST LAST",
    "USING SCOPE TYPEOF WHEN THEN ELSE END ROLLUP CUBE COUNT() COUNT SUM MAX FORMAT toLabel convertCurrency FIELDS(ALL)",
    "TODAY LAST_N_DAYS:3 2026-01-01 2026-01-01T00:00:00Z null true 'x' '%_' Id Subject Task Contact Who.Name What.Type",
    "OwnerId Tasks WITH SECURITY_ENFORCED FOR VIEW ALL ROWS FIND RETURNING {a*} != <= >= ( ) , . : 99999999999 -1 1.5",
)


class Asked:
    """An org with a few rows that is asked one text after the other."""

    def __init__(self) -> None:
        self.org = Org(VirtualClock(START), seed=3, task_fields=[KEY])
        contact = self.org.insert("Contact", {"LastName": "Ann Lee", "Email": "a@b.example"})
        for number in range(4):
            self.org.insert(
                "Task", {"Subject": f"{number}%_'", "WhoId": contact, "ActivityDate": START.date()}
            )

    def __call__(self, data: bytes) -> None:
        """Ask one text; raises whatever is no refusal in words."""
        text = data.decode("utf-8", "surrogateescape")
        try:
            if text.lstrip()[:4].upper() == "FIND":
                view = View(Transaction(self.org.state, self.org.admin_id), "")
                schemas = [schema for schema in self.org.state.schemas.values() if schema.createable]
                sosl.search(sosl.read_search(text), view, schemas)
            else:
                self.org.query(text)
        except OrgError as refused:
            if not (refused.code.isupper() and refused.message):
                raise AssertionError(f"a refusal without words: {refused!r}") from refused


def main(runs: int, seed: int) -> None:
    """Fuzz; the process ends with 0 when nothing was found."""
    with tempfile.TemporaryDirectory() as home:
        corpus, words = Path(home, "corpus"), Path(home, "words")
        corpus.mkdir()
        sentences = Sentences(seed)
        for number, text in enumerate([*RIGHT, *SEARCHES, *(sentences.query() for _ in range(300))]):
            (corpus / f"{number}").write_text(text, "utf-8")
        words.write_text("\n".join(f'"{word}"' for line in WORDS for word in line.split()), "utf-8")
        limits = [f"-runs={runs}", f"-seed={seed or 1}", f"-max_len={LONGEST}", f"-timeout={SECONDS}"]
        limits += [
            f"-rss_limit_mb={MEGABYTES}",
            f"-dict={words}",
            f"-artifact_prefix={home}/",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *limits, str(corpus)], Asked())
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
