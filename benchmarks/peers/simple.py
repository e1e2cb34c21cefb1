"""simple-salesforce creates Tasks: reads a job as JSON, tells what came of it. ways: one, collections, bulk2."""

import json
import resource
import sys
import time

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce


class Plain(HTTPAdapter):
    """It always says https; the box speaks plain http on the loopback."""

    def send(self, request, **options):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **options)


def main():
    job = json.load(sys.stdin)
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Plain())
    sf = Salesforce(
        session_id=job["token"],
        instance_url=job["url"].replace("http://", "https://"),
        session=session,
        version="60.0",
    )
    rows, way, failed = job["rows"], job["way"], []
    began = time.perf_counter()
    if way == "one":
        for number, row in enumerate(rows):
            try:
                sf.Task.create(row)
            except Exception:
                failed.append(number)
            tell(number)
    elif way == "collections":
        for start in range(0, len(rows), 200):
            part = [{"attributes": {"type": "Task"}, **row} for row in rows[start : start + 200]]
            try:
                answers = sf.restful(
                    "composite/sobjects", method="POST", json={"allOrNone": False, "records": part}
                )
                failed += [start + n for n, answer in enumerate(answers) if not answer["success"]]
            except Exception:
                failed += range(start, start + len(part))
            tell(start + len(part) - 1)
    else:
        sf.bulk2.Task.insert(records=rows, batch_size=10_000)
    seconds = time.perf_counter() - began
    use = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"seconds": seconds, "cpu": use.ru_utime + use.ru_stime, "failed": failed}))


def tell(number):
    """How far it has come, for whoever kills it."""
    print(number, file=sys.stderr, flush=True)


main()
