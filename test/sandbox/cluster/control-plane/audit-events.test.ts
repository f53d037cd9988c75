/** The API server's audit log, in the form in which the sandbox reports a request. */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { followAuditLog } from "../../../../src/sandbox/cluster/control-plane/audit-events.ts";
import type { WireEvent } from "../../../../src/sandbox/wire.ts";
import { until } from "../../../until.ts";

const entry = (fields: object): string =>
  `${JSON.stringify({ stage: "ResponseComplete", user: { username: "viewer" }, responseStatus: { code: 200 }, ...fields })}\n`;

function auditLog() {
  const folder = mkdtempSync(join(tmpdir(), "audit-test-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "audit.log");
  const events: WireEvent[] = [];
  const log = followAuditLog(file, (event) => events.push(event));
  return {
    close: () => log.close(),
    events,
    write: (text: string | Uint8Array) => {
      appendFileSync(file, text);
    },
  };
}

it("reports each request once, with method, path and user", async () => {
  const { events, write, close } = auditLog();
  write(entry({ verb: "list", requestURI: "/api/v1/namespaces?limit=500" }));
  await until(() => {
    expect(events).toHaveLength(1);
  });
  write(entry({ verb: "create", requestURI: "/api/v1/namespaces" }));
  write(entry({ verb: "patch", requestURI: "/api/v1/namespaces/a" }));
  await close();
  expect(events.map(({ what }) => what)).toEqual([
    "GET /api/v1/namespaces",
    "POST /api/v1/namespaces",
    "PATCH /api/v1/namespaces/a",
  ]);
  expect(events[0]).toEqual({
    hop: "kubernetes",
    what: "GET /api/v1/namespaces",
    verdict: "accepted",
    who: "viewer",
    why: "",
  });
});

it("reports why a request was refused", async () => {
  const { events, write, close } = auditLog();
  write(entry({ verb: "create", responseStatus: { code: 403, message: "namespaces is\nforbidden" } }));
  write(entry({ verb: "get", user: {}, responseStatus: { code: 401, reason: "Unauthorized" } }));
  write(entry({ verb: "get", responseStatus: { code: 500 } }));
  await close();
  expect(events.map(({ verdict, who, why }) => [verdict, who, why])).toEqual([
    ["refused", "viewer", "namespaces is forbidden"],
    ["refused", "", "Unauthorized"],
    ["refused", "viewer", "status 500"],
  ]);
});

it("reports a watch when it begins, not when it ends", async () => {
  const { events, write, close } = auditLog();
  write(entry({ verb: "watch", stage: "ResponseStarted" }) + entry({ verb: "watch" }));
  await close();
  expect(events).toHaveLength(1);
});

it("waits for the end of a line, whatever the bytes that it was cut between", async () => {
  const { events, write, close } = auditLog();
  const bytes = Buffer.from(entry({ verb: "get", user: { username: "viewer:żółć" } }));
  const cut = bytes.indexOf(Buffer.from("ż")) + 1;
  write(bytes.subarray(0, cut));
  await new Promise((resolve) => setTimeout(resolve, 250));
  write(bytes.subarray(cut));
  write("no JSON\n");
  await close();
  expect(events.map(({ who }) => who)).toEqual(["viewer:żółć"]);
});
