/**
 * Makes vectors.json: chains that keep or break one rule each, with the verdicts of Go's crypto/x509 and of OpenSSL. README.md beside it
 * says how to run it. The expectations are ours; vectors.test.ts holds them against both verifiers.
 */
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  certificate,
  day,
  extension,
  from,
  intermediate,
  keyIdentifier,
  keyPair,
  leaf,
  now,
  root,
  type Issued,
  type Recipe,
} from "../../certificates.ts";
import { explicit, octetString, oid, sequence, set, tlv, utf8String } from "../../der.ts";

interface Case {
  name: string;
  /** Where the rule stands: the user guide, RFC 5280, or nowhere. */
  rule: "guide" | "rfc5280" | "undocumented" | "none";
  leaf: Issued;
  /** What the certificate file holds besides the leaf. */
  others?: Issued[];
  anchors: Issued[];
  problems?: string[];
  warnings?: string[];
  /** The code that the sandbox refuses with; left out when it trusts. */
  refused?: string;
}

const ca = root("Root");
const issuing = intermediate(ca, "Issuing");
const rsaRoot = root("RSA Root", { keys: keyPair("rsa-2048", "root") });
const untrusted = "UNTRUSTED";

const dns = (name: string): Buffer => tlv(0x82, Buffer.from(name));
const email = (name: string): Buffer => tlv(0x81, Buffer.from(name));
const uri = (name: string): Buffer => tlv(0x86, Buffer.from(name));
const ip = (...octets: number[]): Buffer => tlv(0x87, Buffer.from(octets));
const directory = (type: string, value: string): Buffer =>
  explicit(4, sequence(set(sequence(oid(type), utf8String(value)))));
const san = (critical: boolean, ...names: Buffer[]): Buffer => extension("2.5.29.17", sequence(...names), critical);
const registeredId = tlv(0x88, Buffer.of(0x2a, 0x03));
const permitted = (...names: Buffer[]): Buffer => constraints(0, names);
const excluded = (...names: Buffer[]): Buffer => constraints(1, names);
const constraints = (tag: number, names: readonly Buffer[]): Buffer =>
  extension("2.5.29.30", sequence(explicit(tag, ...names.map((name) => sequence(name)))), true);
const purposes = (...ids: string[]): Buffer => extension("2.5.29.37", sequence(...ids.map(oid)));
const serverAuth = "1.3.6.1.5.5.7.3.1";
const clientAuth = "1.3.6.1.5.5.7.3.2";
const unknownExtension = "1.3.6.1.4.1.99999.1";

/** Values of a type that RFC 5280 does not give them. */
const malformedExtensions = new Map([
  ["2.5.29.14", "0500"],
  ["2.5.29.17", "0500"],
  ["2.5.29.35", "0500"],
]);
const bare = { keyIdentifiers: false };
/** RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.1.7, §4.2.1.15, §4.2.2.1, §4.2.2.2. */
const neverCritical = ["2.5.29.35", "2.5.29.14", "2.5.29.18", "2.5.29.46", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.11"];
const explicitKeys = generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding: "explicit" });
const oddExponent = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 });

/** A leaf and the CA above it, which is either an intermediate or the anchor itself. */
function below(
  name: string,
  recipe: Recipe,
  leafRecipe: Recipe,
  rest: Pick<Case, "rule"> & Partial<Case>,
): Case[] {
  const middle = intermediate(ca, "Constrained", recipe);
  const top = root("Constrained Root", recipe);
  const { refused, problems = [], warnings = [], rule } = rest;
  const found = { rule, problems, warnings, ...(refused && { refused }) };
  return [
    { name: `${name}, of an intermediate`, leaf: leaf(middle, leafRecipe), others: [middle], anchors: [ca], ...found },
    { name: `${name}, of the anchor`, leaf: leaf(top, leafRecipe), others: [top], anchors: [top], ...found },
  ];
}

function constrained(name: string, constraint: Buffer, subject: Recipe, isAllowed: boolean): Case[] {
  const code = "CHAIN_NAME_CONSTRAINTS";
  return below(`name constraints: ${name}`, { extra: [constraint] }, subject, {
    rule: isAllowed ? "none" : "rfc5280",
    ...(isAllowed ? {} : { problems: [code], refused: code }),
  });
}

const named = (...names: Buffer[]): Recipe => ({ extra: [san(false, ...names)] });

const cases: Case[] = [
  { name: "leaf below the anchor", rule: "none", leaf: leaf(ca), anchors: [ca] },
  { name: "leaf, intermediate, anchor", rule: "none", leaf: leaf(issuing), others: [issuing], anchors: [ca] },
  { name: "RSA throughout", rule: "none", leaf: leaf(rsaRoot, { keys: keyPair("rsa-2048", "leaf") }), anchors: [rsaRoot] },
  { name: "the intermediate as anchor", rule: "none", leaf: leaf(issuing), others: [issuing], anchors: [issuing] },
  { name: "another anchor", rule: "rfc5280", leaf: leaf(issuing), others: [issuing], anchors: [root("Other")], refused: untrusted },
  { name: "a missing intermediate", rule: "rfc5280", leaf: leaf(issuing), anchors: [ca], refused: untrusted },
  ...leafCases(),
  ...authorityCases(),
  ...pathLengthCases(),
  ...crossCases(),
  ...constrained("a permitted DNS name", permitted(dns("example.com")), named(dns("a.example.com")), true),
  ...constrained("the permitted domain itself", permitted(dns("example.com")), named(dns("example.com")), true),
  ...constrained("a DNS name that is not permitted", permitted(dns("example.com")), named(dns("example.org")), false),
  ...constrained("a suffix that is no label", permitted(dns("example.com")), named(dns("badexample.com")), false),
  ...constrained("an excluded DNS name", excluded(dns("example.com")), named(dns("a.example.com")), false),
  ...constrained("a DNS name beside the excluded one", excluded(dns("example.com")), named(dns("example.org")), true),
  ...constrained("a name of another type than the permitted", permitted(dns("example.com")), named(email("a@b.example")), true),
  ...constrained("a permitted mailbox host", permitted(email("example.com")), named(email("a@example.com")), true),
  ...constrained("a mailbox on another host", permitted(email("example.com")), named(email("a@sub.example.com")), false),
  ...constrained("a permitted URI host", permitted(uri("host.example.com")), named(uri("spiffe://host.example.com/a")), true),
  ...constrained("a URI below a permitted domain", permitted(uri(".example.com")), named(uri("https://a.example.com/x")), true),
  ...constrained("a URI host that is not permitted", permitted(uri(".example.com")), named(uri("https://a.example.org/x")), false),
  ...constrained("a permitted address", permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)), named(ip(10, 1, 2, 3)), true),
  ...constrained("an address that is not permitted", permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)), named(ip(11, 1, 2, 3)), false),
  ...constrained("a permitted directory", permitted(directory("2.5.4.10", "Example Corp")), {}, true),
  ...constrained("a directory that is not permitted", permitted(directory("2.5.4.10", "Other Corp")), {}, false),
  ...constrained("a trailing dot in a DNS name", permitted(dns("example.com")), named(dns("a.example.com.")), false),
  ...constrained("a URI without a host beside an excluded one", excluded(uri("example.com")), named(uri("urn:x:y")), false),
  ...constrained("a type without rules, permitted", permitted(registeredId), named(registeredId), false),
  ...constrained("a minimum", constraints(0, [Buffer.concat([dns("example.com"), tlv(0x80, Buffer.of(1))])]), named(dns("a.example.com")), false),
  ...policyCases(),
];

function policyCases(): Case[] {
  const policies = extension("2.5.29.32", sequence(sequence(oid("1.2.3"))));
  const required = (skipped: number): Buffer => extension("2.5.29.36", sequence(tlv(0x80, Buffer.of(skipped))), true);
  const above = (extra: Buffer[]): Issued => intermediate(ca, "Policies", { extra });
  const [bare, all, later] = [above([required(0)]), above([required(0), policies]), above([required(1)])];
  const fault: Pick<Case, "rule"> & Partial<Case> = { rule: "rfc5280", problems: ["CHAIN_POLICY"], refused: "CHAIN_POLICY" };
  return [
    { name: "policies required, and none there", leaf: leaf(bare), others: [bare], anchors: [ca], ...fault },
    { name: "policies required from the leaf on", leaf: leaf(later, { extra: [policies] }), others: [later], anchors: [ca], ...fault },
    { name: "policies required by the leaf", leaf: leaf(ca, { extra: [required(0)] }), anchors: [ca], ...fault },
    { name: "policies required, and there", rule: "none", leaf: leaf(all, { extra: [policies] }), others: [all], anchors: [ca] },
  ];
}

function leafCases(): Case[] {
  const bad = (name: string, recipe: Recipe, code: string, rule: Case["rule"] = "guide", issuer = ca): Case => ({
    name: `leaf: ${name}`,
    rule,
    leaf: leaf(issuer, recipe),
    anchors: [issuer],
    problems: [code],
    refused: code,
  });
  const odd = (name: string, recipe: Recipe, code: string): Case => ({
    name: `leaf: ${name}`,
    rule: "undocumented",
    leaf: leaf(ca, recipe),
    anchors: [ca],
    warnings: [code],
  });
  const own = leaf(undefined, { name: "own" });
  return [
    bad("expired", { notAfter: from(-day / 2) }, "CERTIFICATE_EXPIRED", "rfc5280"),
    bad("not yet valid", { notBefore: from(day) }, "CERTIFICATE_NOT_YET_VALID", "rfc5280"),
    { ...bad("version 1", { version: 1 }, "CERTIFICATE_NOT_V3"), problems: ["CERTIFICATE_NOT_V3", "CERTIFICATE_KEY_USAGE"] },
    bad("a CA", { ca: true, keyUsage: ["digitalSignature"] }, "CERTIFICATE_IS_CA"),
    bad("no keyUsage", { keyUsage: undefined }, "CERTIFICATE_KEY_USAGE"),
    bad("keyUsage without digitalSignature", { keyUsage: ["keyEncipherment"] }, "CERTIFICATE_KEY_USAGE"),
    bad("signed with SHA-1, ECDSA", { hash: "sha1" }, "CERTIFICATE_WEAK_HASH"),
    bad("signed with SHA-1, RSA", { hash: "sha1" }, "CERTIFICATE_WEAK_HASH", "guide", rsaRoot),
    bad("signed with SHA-224", { hash: "sha224" }, "CERTIFICATE_WEAK_HASH", "guide", rsaRoot),
    bad("RSA 1024", { keys: keyPair("rsa-1024") }, "CERTIFICATE_RSA_TOO_SMALL"),
    bad("empty subject with a critical URI", { name: "", extra: [san(true, uri("spiffe://example.org/a"))] }, "CERTIFICATE_SUBJECT_EMPTY"),
    bad("an unknown critical extension", { extra: [extension(unknownExtension, octetString(), true)] }, "CERTIFICATE_CRITICAL_EXTENSION", "rfc5280"),
    bad("serial -5", { serial: -5n }, "CERTIFICATE_SERIAL_NOT_POSITIVE", "rfc5280"),
    bad("an extension twice", { extra: [purposes(clientAuth), purposes(clientAuth)] }, "CERTIFICATE_MALFORMED", "rfc5280"),
    bad("a malformed extension", { extra: [extension("2.5.29.37", Buffer.from("30ff", "hex"))] }, "CERTIFICATE_MALFORMED", "rfc5280"),
    bad("two signature algorithms", { namedHash: "sha384" }, "CERTIFICATE_MALFORMED", "rfc5280"),
    ...[...malformedExtensions].map(([id, value]) =>
      bad(`a value of another type in ${id}`, { ...bare, extra: [extension(id, Buffer.from(value, "hex"))] }, "CERTIFICATE_MALFORMED", "rfc5280"),
    ),
    ...neverCritical.map((id) => {
      const value = id === "2.5.29.14" ? octetString(Buffer.from("01")) : sequence();
      return bad(`critical ${id}`, { keyIdentifiers: false, extra: [extension(id, value, true)] }, "CERTIFICATE_CRITICAL_EXTENSION", "rfc5280");
    }),
    bad("a date with a fraction of a second", { notBefore: "20260101000000.5Z" }, "CERTIFICATE_MALFORMED", "rfc5280"),
    { name: "leaf: RSA with the exponent 3", rule: "none", leaf: leaf(ca, { keys: oddExponent }), anchors: [ca] },
    bad("explicit EC parameters", { keys: explicitKeys }, "CERTIFICATE_MALFORMED", "rfc5280"),
    bad("a GeneralizedTime without seconds", { notAfter: "203012312359Z" }, "CERTIFICATE_MALFORMED", "rfc5280"),
    { name: "leaf: P-521", rule: "none", leaf: leaf(ca, { keys: keyPair("p521") }), anchors: [ca] },
    { name: "leaf: keyUsage with keyCertSign, and no CA", rule: "none", leaf: leaf(ca, { keyUsage: ["digitalSignature", "keyCertSign"] }), anchors: [ca] },
    bad("Ed25519", { keys: keyPair("ed25519") }, "CERTIFICATE_KEY_UNSUPPORTED"),
    odd("serial 0", { serial: 0n }, "CERTIFICATE_SERIAL_NOT_POSITIVE"),
    odd("only for servers", { extra: [purposes(serverAuth)] }, "CERTIFICATE_NO_CLIENT_AUTH"),
    { name: "leaf: an unknown extension that is not critical", rule: "none", leaf: leaf(ca, { extra: [extension(unknownExtension, octetString())] }), anchors: [ca] },
    { name: "leaf: self-signed", rule: "rfc5280", leaf: own, anchors: [ca], problems: ["CERTIFICATE_SELF_SIGNED"], refused: untrusted },
  ];
}

function authorityCases(): Case[] {
  const bad = (name: string, recipe: Recipe, code: string, rule: Case["rule"] = "rfc5280", top = ca): Case => {
    const middle = intermediate(top, "Faulty", recipe);
    return { name: `intermediate: ${name}`, rule, leaf: leaf(middle), others: [middle], anchors: [top], problems: [code], refused: code };
  };
  const forServers = intermediate(ca, "Servers", { extra: [purposes(serverAuth)] });
  const forClients = intermediate(ca, "Clients", { extra: [purposes(clientAuth)] });
  const other = leaf(issuing, { name: "bob", keys: keyPair("p256", "bob") });
  return [
    bad("signed with SHA-1, ECDSA", { hash: "sha1" }, "CERTIFICATE_WEAK_HASH", "guide"),
    bad("signed with SHA-1, RSA", { hash: "sha1" }, "CERTIFICATE_WEAK_HASH", "guide", rsaRoot),
    bad("no keyCertSign", { keyUsage: ["digitalSignature"] }, "CHAIN_KEY_USAGE"),
    bad("CA:false", { ca: false }, "CHAIN_NOT_A_CA"),
    bad("no basicConstraints", { ca: undefined }, "CHAIN_NOT_A_CA"),
    bad("version 1", { version: 1 }, "CHAIN_NOT_A_CA"),
    bad("expired", { notAfter: from(-day / 2) }, "CERTIFICATE_EXPIRED"),
    bad("an unknown critical extension", { extra: [extension(unknownExtension, octetString(), true)] }, "CERTIFICATE_CRITICAL_EXTENSION"),
    bad("explicit EC parameters", { keys: explicitKeys }, "CERTIFICATE_MALFORMED"),
    bad("serial -5", { serial: -5n }, "CERTIFICATE_SERIAL_NOT_POSITIVE"),
    bad("keyUsage of another type", { keyUsage: undefined, extra: [extension("2.5.29.15", Buffer.from("0500", "hex"), true)] }, "CERTIFICATE_MALFORMED"),
    bad("nameConstraints of another type", { extra: [extension("2.5.29.30", Buffer.from("0500", "hex"), true)] }, "CERTIFICATE_MALFORMED"),
    bad("a negative path length", { ca: undefined, extra: [extension("2.5.29.19", Buffer.from("30060101ff0201ff", "hex"), true)] }, "CHAIN_PATH_LENGTH"),
    { name: "intermediate: another end entity", rule: "rfc5280", leaf: leaf(other), others: [other, issuing], anchors: [ca], problems: ["CHAIN_NOT_A_CA", "CHAIN_KEY_USAGE"], refused: "CHAIN_NOT_A_CA" },
    { name: "intermediate: no keyUsage", rule: "none", ...chain({ keyUsage: undefined }) },
    { name: "intermediate: only for servers", rule: "undocumented", leaf: leaf(forServers), others: [forServers], anchors: [ca], warnings: ["CHAIN_NO_CLIENT_AUTH"] },
    { name: "intermediate: only for clients", rule: "none", leaf: leaf(forClients), others: [forClients], anchors: [ca] },
  ];
}

function chain(recipe: Recipe): Pick<Case, "leaf" | "others" | "anchors"> {
  const middle = intermediate(ca, "Plain", recipe);
  return { leaf: leaf(middle), others: [middle], anchors: [ca] };
}

function pathLengthCases(): Case[] {
  const code = "CHAIN_PATH_LENGTH";
  const narrow = intermediate(ca, "Narrow", { pathLength: 0 });
  const lower = intermediate(narrow, "Lower");
  const narrowRoot = root("Narrow Root", { pathLength: 0 });
  const belowRoot = intermediate(narrowRoot, "Below");
  const wide = intermediate(ca, "Wide", { pathLength: 1 });
  const lowest = intermediate(wide, "Lowest", { pathLength: 0 });
  const rolled = intermediate(narrow, "Narrow", { keys: keyPair("p256", "Narrow, new key") });
  return [
    { name: "path length 0, and the leaf", rule: "none", leaf: leaf(narrow), others: [narrow], anchors: [ca] },
    { name: "path length 0, and a CA", rule: "rfc5280", leaf: leaf(lower), others: [lower, narrow], anchors: [ca], problems: [code], refused: code },
    { name: "path length 0 of the anchor, and a CA", rule: "rfc5280", leaf: leaf(belowRoot), others: [belowRoot, narrowRoot], anchors: [narrowRoot], problems: [code], refused: code },
    { name: "path lengths 1 and 0", rule: "none", leaf: leaf(lowest), others: [lowest, wide], anchors: [ca] },
    { name: "path length 0, and the same CA's new key", rule: "none", leaf: leaf(rolled), others: [rolled, narrow], anchors: [ca] },
  ];
}

function crossCases(): Case[] {
  const [root1, root2] = [root("Root 1"), root("Root 2")];
  const cross = certificate({ name: "Root 2", keys: root2.keys, issuer: root1, ca: true, keyUsage: ["keyCertSign"] });
  const expired = certificate({ name: "Root 2", keys: root2.keys, issuer: root1, ca: true, keyUsage: ["keyCertSign"], notAfter: from(-day / 2) });
  const lower = intermediate(root2, "Issuing 2");
  const former = keyPair("p256", "former");
  const renamed = leaf(issuing, {
    keyIdentifiers: false,
    extra: [extension("2.5.29.35", sequence(tlv(0x80, keyIdentifier(former))))],
  });
  return [
    { name: "cross-signed, the old root as anchor", rule: "none", leaf: leaf(lower), others: [lower, cross, root2], anchors: [root1] },
    { name: "cross-signed, the new root as anchor", rule: "none", leaf: leaf(lower), others: [lower, cross, root2], anchors: [root2] },
    { name: "an expired cross certificate beside the root", rule: "none", leaf: leaf(lower), others: [lower, expired, root2], anchors: [root2] },
    { name: "an expired cross certificate on top", rule: "none", leaf: leaf(lower), others: [lower, expired], anchors: [root2], warnings: ["CERTIFICATE_EXPIRED"] },
    { name: "a key identifier of a former key", rule: "none", leaf: renamed, others: [issuing], anchors: [ca] },
  ];
}

const folder = mkdtempSync(join(tmpdir(), "certificate-vectors-"));
const vectors = cases.map(({ leaf: { pem }, others = [], anchors, problems = [], warnings = [], ...rest }) => ({
  ...rest,
  problems,
  warnings,
  leaf: pem,
  others: others.map((one) => one.pem),
  anchors: anchors.map((one) => one.pem),
}));
type Vector = (typeof vectors)[number];

function openssl({ leaf: subject, others, anchors }: Vector): string {
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const args = ["-attime", String(now.getTime() / 1000), "-auth_level", "2", "-partial_chain", "-policy_check", "-no-CApath", "-no-CAstore"];
  const trusted = ["-CAfile", file("anchors.pem", anchors.join(""))];
  const sent = others.length > 0 ? ["-untrusted", file("others.pem", others.join(""))] : [];
  try {
    execFileSync("openssl", ["verify", ...args, ...trusted, ...sent, file("leaf.pem", subject)], { stdio: "pipe" });
    return "ok";
  } catch (error) {
    const text = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    return /error \d+ at [^:]*:\s*(.*)/.exec(text)?.[1] ?? text.trim().slice(0, 100);
  }
}

const go = parsed<string[]>(
  execFileSync("go", ["run", process.argv[2] ?? ""], {
    input: JSON.stringify({ at: now.toISOString(), vectors }),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  }),
);
const judged = vectors.map((vector, index) => ({ ...vector, go: go[index] ?? "", openssl: openssl(vector) }));
rmSync(folder, { recursive: true });
writeFileSync(process.argv[3] ?? "", `${JSON.stringify({ at: now.toISOString(), vectors: judged }, undefined, 1)}\n`);
for (const { name, rule, refused, go: ofGo, openssl: ofOpenssl } of judged)
  if ((ofGo === "ok") !== (refused === undefined) || (ofOpenssl === "ok") !== (refused === undefined))
    console.log(`${name}: ours ${refused ?? "ok"} (${rule}); Go ${ofGo}; OpenSSL ${ofOpenssl}`);

function parsed<Content>(json: string): Content {
  return JSON.parse(json);
}
