// Usage: node throttling.mjs ENDPOINT CA-FILE. Prints the address of a proxy to the endpoint, which refuses two of three requests as AWS
// throttles an administrator's calls.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { request as httpsRequest } from "node:https";

const [endpoint, caFile] = process.argv.slice(2);
const ca = readFileSync(caFile);
let count = 0;

const server = createServer((incoming, outgoing) => {
  const chunks = [];
  incoming.on("data", (chunk) => chunks.push(chunk));
  incoming.on("end", () => {
    count += 1;
    if (count % 3 !== 0) {
      const isQuery = String(incoming.headers["content-type"]).startsWith(
        "application/x-www-form-urlencoded",
      );
      outgoing.writeHead(isQuery ? 400 : 429, {
        "content-type": isQuery ? "text/xml" : "application/json",
        "x-amzn-errortype": "ThrottlingException",
      });
      outgoing.end(
        isQuery
          ? "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
          : '{"message":"Rate exceeded"}',
      );
      return;
    }
    const { method, url, headers } = incoming;
    const passed = httpsRequest(new URL(url, endpoint), { method, headers, ca }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    passed.end(Buffer.concat(chunks));
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
