// Which queries does Salesforce's own grammar accept? One JSON array of texts in, one of booleans out.
const { SOQLParser } = require("@salesforce/soql-common/lib/soql-parser");
const parser = SOQLParser({ isApex: false, isMultiCurrencyEnabled: false, apiVersion: 67.0 });
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map((text) => parser.parseQuery(text).getSuccess())));
