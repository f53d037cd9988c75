/** What comes out of a text when a secret is taken out of it: everything else. Ways to write one are in hostile-servers.test.ts. */
import fc from "fast-check";
import { randomBytes, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Confidential, printableOutput } from "../../src/foundation/confidential.ts";
import { shownName } from "../../src/foundation/foreign-text.ts";
import { jsonText } from "../../src/foundation/json.ts";
import { Secrets } from "../../src/foundation/secrets.ts";
import { fromJson } from "../json.ts";
import { keyPair, leaf, root } from "../certificates.ts";
import { leaks } from "../e2e/confidential/search.ts";
import { spellings } from "../e2e/confidential/spellings.ts";
import { presignedUrl, sessionToken, signature, tokenOf } from "../authenticator/token-form/mutated-token.ts";
import { capturedSession } from "../sandbox/aws/session.ts";
import vectors from "../vectors/eks-token/verdicts.json" with { type: "json" };
import { debugged, stsOf, printed } from "../debug/world.ts";

const withoutSecrets = (secrets: readonly string[]) => (text: string) => new Confidential(secrets).text(text);

const url = presignedUrl();
const token = tokenOf(url);

describe("taken out", () => {
  it.each([
    [
      "the token, and not what stands around it",
      `the token "${token}" is none`,
      'the token "k8s-aws-v1.…" is none',
    ],
    [
      "the secrets of its URL alone",
      url,
      url.replace(encodeURIComponent(sessionToken), "…").replace(signature, "…"),
    ],
    ["a piece of eight letters", `piece ${signature.slice(20, 28)} found`, "piece … found"],
    [
      "a piece with percent-encoded marks of writing direction between its letters",
      `piece ${encodeURIComponent(signature.slice(20, 32).split("").join("\u202e"))} found`,
      "piece … found",
    ],
    ["the token, cut before its secrets", token.slice(0, 200), "k8s-aws-v1.…"],
    [
      "what is public of a token, beside what is not",
      `${token.slice(20, 60)} and ${signature.slice(9, 20)}`,
      "… and …",
    ],
    ["several pieces", `${signature.slice(0, 10)}, then ${signature.slice(30, 40)}`, "…, then …"],
  ])("%s", (_what, text, expected) => {
    expect(withoutSecrets([token])(text)).toBe(expected);
  });

  it("a bare URL's secrets, and any other secret as a whole", () => {
    expect(withoutSecrets([url])(`sts ${signature} ${sessionToken}`)).toBe("sts … …");
    expect(withoutSecrets(["of-small-letters"])("token of-small-letters!")).toBe("token …!");
  });

  it("the password and the user name of a URL", () => {
    const vault = "https://alice:Tr0ub%34dor&3@vault.example.com/x?api_key=hunter2_key";
    for (const text of ["Tr0ub%34dor&3", "T-r-0-u-b-4-d-o-r-3", "hunter2_key"])
      expect(withoutSecrets([vault])(`${text} at vault.example.com`)).toBe("… at vault.example.com");
  });

  const password = "hunter2_secret";
  const codes = Array.from(Buffer.from(password));
  const inRadix = (radix: number, length: number) => (code: number) =>
    code.toString(radix).padStart(length, "0");
  it.each([
    codes.map((code) => `%u${inRadix(16, 4)(code)}`).join(""),
    codes.map((code) => `\\u{${inRadix(16, 2)(code)}}`).join(""),
    codes.map((code) => `\\U${inRadix(16, 8)(code)}`).join(""),
    codes.map((code) => `U+${inRadix(16, 4)(code)}`).join(" "),
    codes.map((code) => `&#x${inRadix(16, 2)(code)}`).join(""),
    codes.map(inRadix(8, 3)).join(" "),
    codes.map(inRadix(10, 3)).join(" "),
    password.split("").join("x"),
    password.split("").join(" zz "),
    password.replace(/./g, "<c>$&</c>"),
  ])("in an unusual spelling: %s", (spelled) => {
    expect(withoutSecrets([password])(`error ${spelled} end`)).toMatch(/^error \S{0,6} ?… ?\S{0,6} ?end$/);
  });

  it("letters beyond ASCII whose bytes are escaped", () => {
    expect(withoutSecrets(["p\u00e4ssw\u00f6rtchen"])(String.raw`error p\xc3\xa4ssw\xc3\xb6rtchen`)).toBe(
      "error …",
    );
  });
});

describe("taken out of a list of names, whose elements hold so many letters each:", () => {
  const texts = [randomBytes(32).toString("hex"), randomBytes(96).toString("base64")];
  const shapes: Readonly<Record<string, (pieces: readonly string[]) => string[]>> = {
    "in order": (pieces) => [...pieces],
    "from its end": (pieces) => [...pieces].reverse(),
    "with names between": (pieces) => pieces.flatMap((piece, index) => [`k${index}`, piece]),
  };

  it.each([1, 3, 4, 7, 12])("%i", (length) => {
    for (const text of texts) {
      const filter = new Confidential([text]);
      for (const [how, spell] of spellings)
        for (const [shape, order] of Object.entries(shapes)) {
          const pieces = spell(text).match(new RegExp(`.{1,${length}}`, "gs")) ?? [];
          const list = filter.texts(order(pieces.slice(0, 900)).map(shownName));
          expect(leaks(JSON.stringify(list), [{ name: "it", text }]), `${how}, ${shape}`).toEqual([]);
        }
    }
  });
});

describe("left as it is", () => {
  it.each([
    ["a text without secrets", "STS refused the token: the session has expired (ExpiredToken)"],
    [
      "what a token holds that is none",
      "https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Date=20261122T155935Z",
    ],
    ...[0, 1, 2].map((before): [string, string] => [
      `what a token holds that is none, in base64 after ${before} bytes`,
      Buffer.from("x".repeat(before) + url.slice(0, url.indexOf("&X-Amz-Security-Token"))).toString("base64"),
    ]),
    ["its key id", "ASIAQNZGKIQY56JQ7WML, of account 029608264753"],
    ["its prefix", "the token does not begin with k8s-aws-v1."],
    ["a piece of seven letters", signature.slice(0, 7)],
    ["nothing", ""],
  ])("%s", (_what, text) => {
    expect(withoutSecrets([token])(text)).toBe(text);
  });

  it("a run of one digit, which some secret bytes are in decimal", () => {
    const id =
      "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111";
    expect(new Confidential(["ooooo and more of a secret"]).text(id)).toBe(id);
  });

  it("this program's own words, which the args of a script have too", () => {
    const script = `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}' #1!$%&/()=?`;
    for (const text of ["authenticated as u", "the token is accepted", "no ExecCredential"])
      expect(withoutSecrets([script])(text)).toBe(text);
  });

  it.each([
    "TODO: the private key goes here\n",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\nlQdGBGcAAAAB\n=Ab1d\n-----END PGP PRIVATE KEY BLOCK-----\n",
    "PRIVATE_KEY_MISSING: this file contains no private key, and no other PEM block",
  ])("this program's message about a file in place of a key: %j", (file) => {
    const text = [
      "eks-x509: private-key: /tmp/a.key: contains no private key, and no other PEM block (PRIVATE_KEY_MISSING)",
      "  Use a PEM file with a PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY block as --private-key, or the same key in DER.",
    ].join("\n");
    expect(withoutSecrets([file])(text)).toBe(text);
    expect(withoutSecrets([file])("lQdGBGcAAAAB")).toBe(file.includes("lQdG") ? "…" : "lQdGBGcAAAAB");
  });

  it.each(["wrong", "password", "Wrong", "pässwörd", "needed"])(
    "the message about the password %j, which has the same word",
    (password) => {
      for (const text of [
        "alice.key: the password from EKS_X509_PASSWORD is wrong (PASSWORD_WRONG)",
        "alice.key needs a password, and nothing gives one (PASSWORD_NEEDED)",
      ])
        expect(withoutSecrets([password])(text)).toBe(text);
    },
  );

  it("certificates in place of a key, in PEM with other text and in DER", () => {
    const { pem, der } = leaf(root("Filter Root"), { name: "alice", keys: keyPair("rsa-2048") });
    for (const file of [pem, `friendlyName: alice the gardener\n${pem.repeat(50)}`, der.toString("latin1")])
      for (const text of [pem, der.toString("base64"), "alice the gardener", "BEGIN CERTIFICATE"])
        expect(withoutSecrets([file])(text)).toBe(text);
  });

  it.each(["p256", "p384", "rsa-2048"] as const)("the certificate of a known %s key", (kind) => {
    const { pem, keys } = leaf(root("Filter Root"), { name: "alice", keys: keyPair(kind) });
    const { raw } = new X509Certificate(pem);
    const body = keys.privateKey.export({ format: "der", type: "pkcs8" });
    const type = kind === "rsa-2048" ? "pkcs1" : "sec1";
    const known = [
      keys.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
      keys.privateKey.export({ format: "pem", type }).toString(),
      keys.privateKey
        .export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "p" })
        .toString(),
      body.toString("latin1"),
    ];
    for (const text of [pem, Buffer.from(pem).toString("base64"), raw.toString("hex")])
      for (const key of known) expect(withoutSecrets([key])(text)).toBe(text);
    const { d = "" } = keys.privateKey.export({ format: "jwk" });
    const number = Buffer.from(d, "base64url");
    for (const key of [known[0] ?? "", known[1] ?? "", body.toString("latin1")])
      for (const spelled of [number.toString("hex"), body.toString("base64"), d])
        expect(
          leaks(withoutSecrets([key])(spelled), [{ name: "it", text: number.toString("base64") }]),
        ).toEqual([]);
  });

  it("any text, when there is no secret", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(withoutSecrets([])(text)).toBe(text);
        expect(withoutSecrets(["", "abc"])(text)).toBe(text);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("every report of a captured token, of which nothing is lost", async () => {
    for (const { token: captured, verifiedAt } of vectors.rows) {
      const at = new Date(verifiedAt);
      const text = printed(await debugged(captured, { at, http: stsOf(capturedSession, at).http }));
      // That of a hint's own words: https://{host}/?Action=…
      expect(text.replaceAll("Action=…", "")).not.toContain("…");
    }
  });
});

it("a key behind many certificates is removed, and base64 without a label beside one", () => {
  const { pem, keyPem } = leaf(root("Filter Root"), { name: "alice", keys: keyPair("rsa-2048") });
  const body = keyPem.split("\n").slice(15, 19).join("");
  // A symbol at either end of the body is no letter of a piece.
  for (const file of [pem.repeat(100) + keyPem, pem + body])
    expect(withoutSecrets([file])(body)).toMatch(/^[+/]*…[+/]*$/);
});

describe("JSON", () => {
  it.each([
    ['",\n      "label": "', "the form of an object"],
    ['a"b"c":{}[]\n"d"', "quotes"],
    ["label value facts", "the names of its members"],
    ['\\u001b\\n\\"', "escapes"],
  ])("stays what it is, whatever the secret: %j, %s", (secret) => {
    const secrets = new Secrets();
    secrets.add(secret);
    const report = { facts: [{ label: "cluster", value: `x ${secret} y` }], count: 3, none: null, list: [] };
    const printed = printableOutput(jsonText(report), secrets);
    expect(fromJson(printed)).toMatchObject({
      facts: [{ label: "cluster" }],
      count: 3,
      none: null,
      list: [],
    });
    expect(printed).not.toContain(JSON.stringify(secret).slice(1, -1));
  });

  it("of any content and any secret can be read, with the same members", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.json(), (secret, end, other) => {
        const secrets = new Secrets();
        secrets.add(secret);
        const printed = printableOutput(
          jsonText({ text: secret + end, other, list: [secret, end] }),
          secrets,
        );
        const read = fromJson<Record<string, unknown>>(printed);
        expect(Object.keys(read)).toEqual(["text", "other", "list"]);
        expect(read["list"]).toHaveLength(2);
      }),
    );
  });
});
