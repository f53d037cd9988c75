/** The rules, held against Go's crypto/x509 and OpenSSL, which judged the chains of test/vectors/certificates. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCertificates } from "../../../src/identity/certificate.ts";
import { examine } from "../../../src/identity/fitness/examination.ts";
import { isProblem } from "../../../src/identity/fitness/finding.ts";
import { Refusal } from "../../../src/sandbox/aws/refusal.ts";
import { checkTrust } from "../../../src/sandbox/aws/rolesanywhere/assume-role.ts";
import { named } from "../../certificates.ts";

interface Vector {
  name: string;
  rule: "guide" | "rfc5280" | "undocumented" | "none";
  leaf: string;
  others: string[];
  anchors: string[];
  problems: string[];
  warnings: string[];
  refused?: string;
  go: string;
  openssl: string;
}

const { at, vectors } = read<{ at: string; vectors: Vector[] }>("certificates/vectors.json");
const time = new Date(at);
const certificates = (pems: readonly string[]) => pems.flatMap((pem) => readCertificates(named(pem)));

/** The code in the sandbox's log; undefined when it trusts. */
function refusalOf({ leaf, others, anchors }: Vector): string | undefined {
  const [own] = readCertificates(named(leaf));
  const { sent, findings } = examine(own, certificates(others), time);
  const intermediates = findings.some(isProblem) ? certificates(others) : sent;
  try {
    checkTrust({ leaf: own, intermediates, anchors: certificates(anchors), at: time });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return /\(([A-Z_0-9]+)\)$/.exec(error.why)?.[1] ?? "UNTRUSTED";
  }
}

describe.each(vectors)("$name", (vector) => {
  it("has these problems and warnings", () => {
    const [own] = readCertificates(named(vector.leaf));
    const { findings } = examine(own, certificates(vector.others), time);
    const codes = (isOne: boolean) =>
      findings.filter((finding) => isProblem(finding) === isOne).map(({ code }) => code);
    expect(codes(true)).toEqual(vector.problems);
    expect(codes(false)).toEqual(vector.warnings.filter((code) => code !== "CERTIFICATE_NO_CLIENT_AUTH"));
  });

  it("gets the same verdict from the sandbox, which names the same reason", () => {
    expect(refusalOf(vector)).toBe(vector.refused);
  });
});

it("no chain that both verifiers refuse is trusted, and none is refused without them but for a rule that says so", () => {
  for (const vector of vectors) {
    const ours = vector.refused === undefined;
    const theirs = [vector.go === "ok", vector.openssl === "ok"];
    if (!theirs.includes(true)) expect(ours, vector.name).toBe(false);
    if (!theirs.includes(false) && vector.rule !== "guide") expect(ours, vector.name).toBe(true);
  }
});

function read<Content>(path: string): Content {
  return JSON.parse(readFileSync(new URL(`../../vectors/${path}`, import.meta.url), "utf8"));
}
