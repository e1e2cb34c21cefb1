"""The floor: nothing but the HTTP calls that these rows need, 1,000 in each, one after another.

Runs in Tandem's own environment, with Tandem's HTTP library; builds the bodies, reads the answers, does nothing else.
"""

import json
import resource
import sys
import time

import httpx2


def main():
    job = json.load(sys.stdin)
    rows = [{"attributes": {"type": "Task"}, **row} for row in job["rows"]]
    failed = []
    with httpx2.Client(base_url=job["url"], timeout=120, trust_env=False) as http:
        http.headers["Authorization"] = f"Bearer {job['token']}"
        began = time.perf_counter()
        for start in range(0, len(rows), 1_000):
            calls = [
                {
                    "method": "POST",
                    "url": "/services/data/v60.0/composite/sobjects",
                    "referenceId": f"r{first}",
                    "body": {"allOrNone": False, "records": rows[first : first + 200]},
                }
                for first in range(start, min(start + 1_000, len(rows)), 200)
            ]
            answer = http.post("/services/data/v60.0/composite", json={"compositeRequest": calls})
            for place, part in enumerate(answer.json()["compositeResponse"]):
                failed += [
                    start + place * 200 + n for n, row in enumerate(part["body"]) if not row["success"]
                ]
        seconds = time.perf_counter() - began
    use = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"seconds": seconds, "cpu": use.ru_utime + use.ru_stime, "failed": failed}))


main()
