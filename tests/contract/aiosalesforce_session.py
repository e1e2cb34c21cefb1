"""What aiosalesforce is asked to do with an org; run by its own environment. argv: client id and secret."""

import asyncio
import sys

import httpx
from aiosalesforce import Salesforce
from aiosalesforce.auth import ClientCredentialsFlow


async def main(client_id: str, client_secret: str) -> None:
    """Sign in, then work; ends with an AssertionError at the first thing that is not as Salesforce's."""
    at = "https://box.my.salesforce.com"
    auth = ClientCredentialsFlow(client_id=client_id, client_secret=client_secret)
    async with httpx.AsyncClient() as http:
        await work(Salesforce(http, at, auth=auth))


async def work(client: Salesforce) -> None:
    """The commands themselves."""
    made = await client.sobject.create("Task", {"Subject": "Call Ann"})
    assert (await client.sobject.get("Task", made))["Subject"] == "Call Ann"
    await client.sobject.update("Task", made, {"Status": "Completed"})
    assert [row["IsClosed"] async for row in client.query("SELECT IsClosed FROM Task")] == [True]
    told = await client.sobject.upsert("Task", "a-1", "Tandem_Key__c", {"Subject": "Kept"})
    assert told.created
    await client.sobject.delete("Task", made)
    done = await client.bulk_v2.insert("Task", [{"Subject": str(n)} for n in range(2_500)])
    assert len(done.successful_results) == 2_500, done
    assert len([row async for row in client.query("SELECT Id FROM Task")]) == 2_501
    print("passed")


asyncio.run(main(*sys.argv[1:]))
