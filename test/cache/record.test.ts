import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CacheRecord } from "../../src/cache/record.ts";
import { fromJson } from "../json.ts";
import { sha256 } from "../ports.ts";
import { accounts, readRecord, sessionRecord, tokenRecord, writeRecord } from "./records.ts";

const examples: [string, CacheRecord][] = [
  [accounts.token, tokenRecord()],
  [accounts.session, sessionRecord()],
];

/** As this version would have written it, were it the content. */
function sealed(account: string, content: unknown): string {
  const payload = JSON.stringify(content);
  return `${sha256(`${account}\n${payload}`)}.${payload}`;
}

function payloadOf(account: string, record: CacheRecord): Record<string, unknown> {
  return fromJson<Record<string, unknown>>(writeRecord(account, record).slice(65));
}

describe.each(examples)("an entry %s", (account, example) => {
  it("is read as it was written", () => {
    expect(readRecord(account, writeRecord(account, example))).toEqual(example);
  });

  it("whatever it holds, is read as it was written", () => {
    const date = fc.date({ noInvalidDate: true });
    const text = fc.string({ unit: "binary" });
    const label = fc.record({ subject: text, roleArn: text, clusterName: text, region: text });
    fc.assert(
      fc.property(date, date, label, text, (createdAt, expiration, label, secret) => {
        const record =
          example.kind === "token"
            ? tokenRecord({ createdAt, expiration, label, token: secret })
            : sessionRecord({ createdAt, expiration, label });
        expect(readRecord(account, writeRecord(account, record))).toEqual(record);
      }),
    );
  });

  const text = writeRecord(account, example);

  it("truncated, at whatever length, is none", () => {
    for (let length = 0; length < text.length; length++)
      expect(readRecord(account, text.slice(0, length))).toBeUndefined();
  });

  it("with anything after it is none", () => {
    for (const more of [" ", "\n", "\0", "}", text]) expect(readRecord(account, text + more)).toBeUndefined();
  });

  it("with a bit flipped, whichever, is none", () => {
    const bytes = Buffer.from(text, "latin1");
    for (let index = 0; index < bytes.length; index++)
      for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(bytes.readUInt8(index) ^ bit, index);
        expect(readRecord(account, flipped.toString("latin1"))).toBeUndefined();
      }
  });

  it("in another entry's place is none", () => {
    for (const other of [accounts.token, accounts.session, account.replace(/.$/, "0"), ""])
      if (other !== account) expect(readRecord(other, text)).toBeUndefined();
  });

  it.each([0, 2, "1", null, undefined])("of version %j is none, even when it is whole", (version) => {
    const payload = payloadOf(account, example);
    expect(readRecord(account, sealed(account, payload))).toEqual(example);
    expect(readRecord(account, sealed(account, { ...payload, v: version }))).toBeUndefined();
  });

  it("without one of its fields, or with one of another type, is none, even when it is whole", () => {
    const payload = payloadOf(account, example);
    for (const name of Object.keys(payload))
      for (const value of [undefined, null, true, [], "x", Number.MAX_VALUE]) {
        const read = readRecord(account, sealed(account, { ...payload, [name]: value }));
        // Any text is a token. The checksum shows that it is the right one.
        if (name === "token" && value === "x") expect(read).toEqual(tokenRecord({ token: "x" }));
        else expect({ name, value, read }).toEqual({ name, value, read: undefined });
      }
  });
});

describe("a session's entry", () => {
  const { session } = sessionRecord();
  const payload = payloadOf(accounts.session, sessionRecord());

  it.each(["credentials", "assumedRoleArn", "sourceIdentity"])("needs its %s", (name) => {
    const spoilt = { ...payload, session: { ...session, [name]: undefined } };
    expect(readRecord(accounts.session, sealed(accounts.session, spoilt))).toBeUndefined();
  });

  it.each(["accessKeyId", "secretAccessKey", "sessionToken"])("needs its credentials' %s", (name) => {
    const credentials = { ...session.credentials, [name]: 1 };
    const spoilt = { ...payload, session: { ...session, credentials } };
    expect(readRecord(accounts.session, sealed(accounts.session, spoilt))).toBeUndefined();
  });
});

describe("other content", () => {
  it("is no entry, and no error", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(readRecord(accounts.token, text)).toBeUndefined();
      }),
    );
  });

  it("JSON of any other shape is no entry, even when it is whole", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (content) => {
        expect(readRecord(accounts.token, sealed(accounts.token, content))).toBeUndefined();
        expect(readRecord(accounts.token, JSON.stringify(content))).toBeUndefined();
      }),
    );
  });
});
