"""aio-sf creates Tasks by collections, five calls at once (its default): reads a job as JSON, tells what came of it."""

import asyncio
import json
import resource
import sys
import time

from aio_sf.api.auth.static_token import StaticTokenAuth
from aio_sf.api.client import SalesforceClient


async def work(job):
    rows = job["rows"]
    async with SalesforceClient(StaticTokenAuth(job["url"], job["token"]), version="v60.0") as sf:
        began = time.perf_counter()
        answers = await sf.collections.insert(
            rows, sobject_type="Task", all_or_none=False, max_attempts=job.get("attempts", 1)
        )
        return time.perf_counter() - began, [n for n, answer in enumerate(answers) if not answer["success"]]


def main():
    seconds, failed = asyncio.run(work(json.load(sys.stdin)))
    use = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"seconds": seconds, "cpu": use.ru_utime + use.ru_stime, "failed": failed}))


main()
