/** Hundreds of secrets hide no ordinary text by chance, and still each of them is hidden in every spelling. */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { Confidential } from "../../../src/foundation/confidential.ts";
import { presignedUrl, tokenOf } from "../../authenticator/token-form/mutated-token.ts";
import { leaks } from "../../e2e/confidential/search.ts";
import { spellings } from "../../e2e/confidential/spellings.ts";
import { isThorough } from "../../thorough.ts";

let drawn = 0;

/** The same in each run, so that a failure can be repeated. */
function bytes(length: number): Buffer {
  const hash = createHash("shake256", { outputLength: length });
  return hash.update(String(drawn++)).digest();
}

const hex = (length: number): string => bytes(length).toString("hex");
const below = (limit: number): number => bytes(6).readUIntBE(0, 6) % limit;
const digits = (length: number): string => Array.from({ length }, () => below(10)).join("");

const time = (): string => new Date(1_790_000_000_000 + below(10 ** 10)).toISOString();
const awsId = (prefix: string): string =>
  prefix + Array.from(bytes(17), (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(byte % 32)).join("");
const uuid = (): string => hex(16).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, "$1-$2-4$3-a$4-$5");
const address = (): string => Array.from(bytes(4)).join(".");

interface SessionSecrets {
  key: string;
  sessionToken: string;
  signature: string;
  token: string;
}

function session(): SessionSecrets {
  const sessionToken = Buffer.concat([Buffer.from("IQoJb3JpZ2luX2Vj", "base64"), bytes(500)]).toString(
    "base64",
  );
  const signature = hex(32);
  const parameters = {
    "X-Amz-Date": time().replace(/[-:]|\.\d+/g, ""),
    "X-Amz-Security-Token": encodeURIComponent(sessionToken),
    "X-Amz-Signature": signature,
  };
  return {
    key: bytes(30).toString("base64"),
    sessionToken,
    signature,
    token: tokenOf(presignedUrl({ parameters })),
  };
}

const sessions = Array.from({ length: isThorough ? 500 : 64 }, session);
const crowd = new Confidential(
  sessions.flatMap(({ key, sessionToken, signature, token }) => [key, sessionToken, signature, token]),
);

/** What logs, messages and the sandbox's trail consist of. */
const ordinary: Readonly<Record<string, () => string>> = {
  "number of an account": () => digits(12),
  UUID: uuid,
  "ARN of a session": () => `arn:aws:sts::${digits(12)}:assumed-role/eks-read-only/${hex(8)}`,
  "ARN of a trust anchor": () => `arn:aws:rolesanywhere:us-west-2:${digits(12)}:trust-anchor/${uuid()}`,
  "time in RFC 3339": time,
  "time in milliseconds": () => String(Date.parse(time())),
  "serial number in decimal": () => BigInt(`0x${hex(20)}`).toString(),
  "serial number in hexadecimal": () => hex(20),
  fingerprint: () => hex(32).replace(/..(?!$)/g, "$&:"),
  "key ID": () => awsId("ASIA"),
  "role ID": () => `${awsId("AROA")}:alice`,
  address,
  "list of addresses": () => Array.from({ length: 6 }, address).join(", "),
  "endpoint of a cluster": () => `https://${hex(16).toUpperCase()}.gr7.us-west-2.eks.amazonaws.com`,
  "list of versions": () => Array.from({ length: 20 }, () => below(1_000_000)).join(" "),
  "request ID in base64": () => bytes(33).toString("base64"),
};

it.each(Object.entries(ordinary))("%s stays, whatever the secrets of many sessions", (_kind, text) => {
  const texts = Array.from({ length: isThorough ? 20_000 : 150 }, text);
  expect(texts.filter((each) => crowd.text(each) !== each)).toEqual([]);
});

it("a record of the trail stays, whose texts are read as one", () => {
  for (let count = 0; count < (isThorough ? 5_000 : 15); count++) {
    const words =
      "AwsApiCall Management Unknown rolesanywhere.amazonaws.com CreateSession us-west-2 eks-x509/0.1.0 " +
      "HIDDEN_DUE_TO_SECURITY_REASONS CN=alice sts.amazonaws.com GetCallerIdentity the role that may";
    const record = [...Object.values(ordinary).map((text) => text()), ...words.split(" ")];
    const certificate = bytes(500).toString("base64");
    expect(crowd.texts([...record, certificate])).toEqual([...record, certificate]);
  }
});

it("each of the secrets is hidden in every spelling", () => {
  for (const [index, [how, spell]] of spellings.entries()) {
    const { key, sessionToken, signature } = sessions[(index * 37) % sessions.length] ?? session();
    // Hundreds of signatures have all words of three hexadecimal digits.
    const texts =
      how === "in pieces of three between words" ? [key, sessionToken] : [key, sessionToken, signature];
    for (const text of texts)
      expect(leaks(crowd.text(`error ${spell(text)} end`), [{ name: "it", text }]), how).toEqual([]);
  }
});

it.each([8, 10])(
  "passwords in digits of base %i are hidden, alone and among hundreds of secrets",
  (radix) => {
    const spelled = (text: string): string =>
      Array.from(Buffer.from(text), (byte) => byte.toString(radix).padStart(3, "0")).join(" ");
    for (const password of ["1234", "ooooo and more", "hunter2_secret", bytes(12).toString("base64")])
      for (const filter of [
        new Confidential([password]),
        new Confidential([...sessions.map(({ key }) => key), password]),
      ])
        expect(filter.text(`error ${spelled(password)} end`)).toBe("error … end");
  },
);
