// What jsforce is asked to do with an org. Reads {url, token, clientId, clientSecret, refreshToken, username, password},
// writes {command: "passed" or what went wrong}.
const jsforce = require("jsforce");
const { readFileSync } = require("node:fs");
const assert = require("node:assert");

const given = JSON.parse(readFileSync(0, "utf8"));
const at = { instanceUrl: given.url, loginUrl: given.url, version: "60.0" };
const own = { ...at, accessToken: given.token };
const oauth2 = { loginUrl: given.url, clientId: given.clientId, clientSecret: given.clientSecret };
const key = (n) => ({ Subject: `Number ${n}`, Tandem_Key__c: `js-${n}` });
const seconds = (n) => new Date(Date.now() + n * 1000);
let conn = new jsforce.Connection(own);

const commands = {
  "login() by SOAP": async () => {
    const fresh = new jsforce.Connection(at);
    const user = await fresh.login(given.username, given.password);
    assert.ok(user.id.startsWith("005"));
    assert.strictEqual((await fresh.query("SELECT Id FROM User")).done, true);
    await fresh.logout();
    await assert.rejects(new jsforce.Connection({ ...at, accessToken: fresh.accessToken ?? "gone" }).limits());
  },
  "authorize() by client credentials": async () => {
    const fresh = new jsforce.Connection({ ...at, oauth2 });
    await fresh.authorize({ grant_type: "client_credentials" });
    assert.ok((await fresh.limits()).DailyApiRequests.Max > 0);
  },
  "refresh of a session that ended": async () => {
    const fresh = new jsforce.Connection({ ...own, oauth2, accessToken: "00D!dead", refreshToken: given.refreshToken });
    let renewed = 0;
    fresh.on("refresh", () => (renewed += 1));
    assert.strictEqual((await fresh.query("SELECT Id FROM Organization")).totalSize, 1);
    assert.strictEqual(renewed, 1);
  },
  "identity()": async () => assert.strictEqual((await conn.identity()).username, given.username),
  "sobject().create(), retrieve(), update(), destroy()": async () => {
    const tasks = conn.sobject("Task");
    const { id } = await tasks.create({ Subject: "Call Ann" });
    assert.strictEqual((await tasks.retrieve(id)).Subject, "Call Ann");
    await tasks.update({ Id: id, Status: "Completed" });
    assert.strictEqual((await tasks.retrieve(id)).IsClosed, true);
    assert.strictEqual((await tasks.destroy(id)).success, true);
    await assert.rejects(tasks.retrieve(id), { errorCode: "ENTITY_IS_DELETED" });
  },
  "create(), update(), destroy() of 450 records": async () => {
    const tasks = conn.sobject("Task");
    const many = Array.from({ length: 450 }, (_, n) => key(n));
    const made = await tasks.create(many, { allowRecursive: true });
    assert.ok(made.every((each) => each.success));
    const changed = await tasks.update(made.map(({ id }) => ({ Id: id, Status: "Completed" })), { allowRecursive: true });
    assert.ok(changed.every((each) => each.success));
    const gone = await tasks.destroy(made.map(({ id }) => id), { allowRecursive: true });
    assert.ok(gone.every((each) => each.success));
  },
  "upsert() of one and of many": async () => {
    const tasks = conn.sobject("Task");
    await tasks.upsert({ ...key(1), Subject: "First" }, "Tandem_Key__c");
    const told = await tasks.upsert([{ ...key(1), Subject: "Again" }, key(2)], "Tandem_Key__c");
    assert.deepStrictEqual(told.map(({ created }) => created), [false, true]);
  },
  "a row of many that is refused": async () => {
    const [good, bad] = await conn.sobject("Task").create([{ Subject: "Good" }, { Subject: "x".repeat(256) }]);
    assert.ok(good.success && !bad.success);
    assert.strictEqual(bad.errors[0].statusCode, "STRING_TOO_LONG");
  },
  "sobject().find() with sort, limit and include()": async () => {
    const [contact] = await conn.sobject("Contact").create([{ LastName: "Lee" }]);
    await conn.sobject("Task").create({ Subject: "With Lee", WhoId: contact.id });
    const found = await conn.sobject("Contact").find({ LastName: "Lee" }, "Id, LastName").include("Tasks").select("Subject").end();
    assert.strictEqual(found[0].Tasks.records[0].Subject, "With Lee");
    const tasks = await conn.sobject("Task").find({ Subject: { $like: "With%" } }).sort({ CreatedDate: -1 }).limit(1);
    assert.strictEqual(tasks.length, 1);
  },
  "query() of 4,100 rows, fetched to the end": async () => {
    await conn.bulk2.loadAndWaitForResults({
      object: "Task", operation: "insert", input: Array.from({ length: 4100 }, (_, n) => ({ Subject: `Bulk ${n}` })), pollInterval: 50,
    });
    const rows = await conn.query("SELECT Id FROM Task WHERE Subject LIKE 'Bulk%'", { autoFetch: true, maxFetch: 10000 });
    assert.strictEqual(rows.records.length, 4100);
  },
  "bulk2.loadAndWaitForResults()": async () => {
    const told = await conn.bulk2.loadAndWaitForResults({
      object: "Task", operation: "insert", input: [{ Subject: "In bulk" }, { Subject: "y".repeat(300) }], pollInterval: 50,
    });
    assert.strictEqual(told.successfulResults.length, 1);
    assert.match(told.failedResults[0].sf__Error, /^STRING_TOO_LONG/);
  },
  "bulk2.query()": async () => {
    const rows = await (await conn.bulk2.query("SELECT Id, Subject FROM Task WHERE Subject LIKE 'Bulk%'", { pollInterval: 50 })).toArray();
    assert.strictEqual(rows.length, 4100);
  },
  "bulk.load() of Bulk API 1": async () => {
    conn.bulk.pollInterval = 50;
    const told = await conn.bulk.load("Task", "insert", [{ Subject: "By Bulk 1" }, { Subject: "z".repeat(300) }]);
    assert.deepStrictEqual(told.map(({ success }) => success), [true, false]);
  },
  "bulk.query() of Bulk API 1": async () => {
    const rows = await (await conn.bulk.query("SELECT Subject FROM Task WHERE Subject = 'By Bulk 1'")).toArray();
    assert.strictEqual(rows[0].Subject, "By Bulk 1");
  },
  "search()": async () => {
    const { searchRecords } = await conn.search("FIND {Lee} IN NAME FIELDS RETURNING Contact(Id, LastName)");
    assert.strictEqual(searchRecords[0].LastName, "Lee");
  },
  "describe() and describeGlobal()": async () => {
    assert.strictEqual((await conn.describe("task")).keyPrefix, "00T");
    assert.ok((await conn.describeGlobal()).sobjects.some(({ name }) => name === "Task"));
  },
  "sobject().layouts() and listviews()": async () => {
    assert.strictEqual((await conn.sobject("Task").layouts()).layouts.length, 1);
    const { listviews } = await conn.sobject("Task").listviews();
    assert.ok((await conn.sobject("Task").listview(listviews[0].id).results()).size > 0);
  },
  "recent()": async () => assert.ok((await conn.recent("Task", 3)).length > 0),
  "limits()": async () => assert.ok((await conn.limits()).DailyApiRequests.Remaining > 0),
  "sobject().updated() and deleted()": async () => {
    const tasks = conn.sobject("Task");
    const { ids } = await tasks.updated(seconds(-600), seconds(120));
    assert.ok(ids.length > 0);
    assert.ok((await tasks.deleted(seconds(-600), seconds(120))).deletedRecords.length >= 451);
  },
  "requestPost() of a composite": async () => {
    const sub = (method, path, referenceId, body) => ({ method, url: `/services/data/v60.0/${path}`, referenceId, body });
    const { compositeResponse } = await conn.requestPost("/composite", {
      allOrNone: true,
      compositeRequest: [
        sub("POST", "sobjects/Task", "made", { Subject: "Together" }),
        sub("GET", "sobjects/Task/@{made.id}", "seen"),
      ],
    });
    assert.strictEqual(compositeResponse[1].body.Subject, "Together");
  },
};

(async () => {
  const told = {};
  for (const [name, command] of Object.entries(commands)) {
    try {
      await command();
      told[name] = "passed";
    } catch (error) {
      told[name] = `${error.name}: ${error.message} ${error.stack}`;
    }
  }
  process.stdout.write(JSON.stringify(told));
})();
