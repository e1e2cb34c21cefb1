// jsforce creates Tasks: reads a job as JSON, tells what came of it. ways: collections, bulk2.
const jsforce = require("jsforce");
let text = "";
process.stdin.on("data", (part) => (text += part)).on("end", main);

async function main() {
  const job = JSON.parse(text);
  const conn = new jsforce.Connection({ instanceUrl: job.url, accessToken: job.token, version: "60.0" });
  const failed = [];
  const began = process.hrtime.bigint();
  if (job.way === "collections") {
    for (let start = 0; start < job.rows.length; start += 200) {
      const part = job.rows.slice(start, start + 200);
      try {
        const answers = await conn.sobject("Task").create(part, { allOrNone: false });
        answers.forEach((answer, n) => answer.success || failed.push(start + n));
      } catch (error) {
        part.forEach((_, n) => failed.push(start + n));
      }
      console.error(start + part.length - 1);
    }
  } else {
    await conn.bulk2.loadAndWaitForResults({ object: "Task", operation: "insert", input: job.rows, pollInterval: 200 });
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const use = process.cpuUsage();
  console.log(JSON.stringify({ seconds, cpu: (use.user + use.system) / 1e6, failed }));
}
