import { type Account, type Cluster, emptyAccount } from "../../../../src/sandbox/aws/account.ts";
import { createAwsEndpoint } from "../../../../src/sandbox/aws/aws-endpoint.ts";
import { administratorsKey } from "../../../../src/sandbox/aws/iam/administrator.ts";
import { type Session, createSessions } from "../../../../src/sandbox/aws/sessions.ts";
import type { TrailRecord } from "../../../../src/sandbox/aws/trail.ts";
import type { WireEvent, WireRequest, WireResponse } from "../../../../src/sandbox/wire.ts";
import { signed } from "../signature/smithy-signer.ts";

export const now = new Date("2026-11-22T16:00:00Z");

export interface Answer {
  status: number;
  /** Of a refusal. */
  code: string;
  /** JSON, or the text of XML. */
  content: unknown;
}

type Query = Readonly<Record<string, string>>;

/** An empty account, with the calls of its administrator, or of another caller. */
export function administrator(caller?: Session) {
  const account: Account = emptyAccount("111122223333", "aws");
  const sessions = createSessions();
  const key = caller ?? administratorsKey(account);
  sessions.add(key);
  const records: TrailRecord[] = [];
  const events: WireEvent[] = [];
  const handler = createAwsEndpoint({
    account,
    sessions,
    now: () => now,
    onEvent: (event) => events.push(event),
    onRecord: (record) => records.push(record),
  });
  const common = { host: "127.0.0.1:8443", at: now };
  return {
    account,
    handler: (request: WireRequest) => handler(request),
    key,
    records,
    events,
    ...callsOf(async (unsigned) => read(await handler(await signed({ ...common, ...unsigned }, key)))),
  };
}

type Unsigned = Omit<Parameters<typeof signed>[0], "host" | "at">;

/** The calls in the protocol of each API. */
export function callsOf<Answer>(send: (unsigned: Unsigned) => Promise<Answer>) {
  return {
    rest: (
      service: "rolesanywhere" | "eks",
      method: string,
      path: string,
      body?: unknown,
      query: Query = {},
    ) => send({ service, method, path, query, body: body === undefined ? "" : JSON.stringify(body) }),
    iam: (Action: string, input: Query = {}) =>
      send({
        service: "iam",
        region: "us-east-1",
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ Action, Version: "2010-05-08", ...input }).toString(),
      }),
    sts: (Action: string, input: Query = {}) =>
      send({
        service: "sts",
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ Action, Version: "2011-06-15", ...input }).toString(),
      }),
    pca: (operation: string, input: unknown) =>
      send({
        service: "acm-pca",
        method: "POST",
        headers: { "x-amz-target": `ACMPrivateCA.${operation}` },
        body: JSON.stringify(input),
      }),
  };
}

function read({ status, headers, body }: WireResponse): Answer {
  if (headers["content-type"] === "text/xml")
    return { status, code: /<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? "", content: body };
  const content: unknown = JSON.parse(body);
  return { status, code: headers["x-amzn-errortype"] ?? typeIn(content), content };
}

function typeIn(content: unknown): string {
  return typeof content === "object" && content !== null && "__type" in content ? String(content.__type) : "";
}

/** A member of an answer, by its path. */
export function at({ content }: Answer, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([key]) => key === String(name))?.[1]
        : undefined,
    content,
  );
}

export function textAt(answer: Answer, ...path: readonly (string | number)[]): string {
  return String(at(answer, ...path));
}

export const cluster: Cluster = {
  name: "demo",
  arn: "arn:aws:eks:us-west-2:111122223333:cluster/demo",
  endpoint: "https://127.0.0.1:6443",
  certificateAuthority: "-----BEGIN CERTIFICATE-----\n",
  status: "ACTIVE",
  authenticationMode: "API_AND_CONFIG_MAP",
  accessEntries: [],
  createdAt: now,
  version: "1.34",
};
