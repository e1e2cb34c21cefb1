"""What is left of the org's allowances, and how many records are there? /limits (docs/salesforce.md §2.2)."""

from __future__ import annotations

from orgbox.http.call import Answer, Call

_UNTOUCHED = {
    "ConcurrentSyncGetReportInstances": 20,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DataStorageMB": 5,
    "FileStorageMB": 20,
    "MassEmail": 10,
    "SingleEmail": 15,
}


def limits(call: Call) -> Answer:
    """GET /limits: {name: {Max, Remaining}}; the daily requests are counted, the others are never used here."""
    allowance = call.service.allowance
    counted = {"DailyApiRequests": {"Max": allowance.daily, "Remaining": allowance.daily - allowance.used}}
    untouched = {name: {"Max": most, "Remaining": most} for name, most in _UNTOUCHED.items()}
    return Answer(200, dict(sorted((counted | untouched).items())))


def record_count(call: Call) -> Answer:
    """GET /limits/recordCount?sObjects=A,B: {sObjects: [{count, name}]}; objects without rows are left out."""
    state = call.service.org.state
    asked = {name.strip().lower() for name in call.params.get("sObjects", "").split(",") if name.strip()}
    counted = [
        {"count": sum(not row["IsDeleted"] for row in table.records.values()), "name": name}
        for name, table in sorted(state.tables.items())
        if not asked or name.lower() in asked
    ]
    return Answer(200, {"sObjects": [each for each in counted if each["count"]]})
