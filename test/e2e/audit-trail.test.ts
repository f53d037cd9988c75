/**
 * Who did that? The API server's audit log and the account's trail, joined: from a request in Kubernetes to the certificate that it began
 * with, and back. What docs/audit-trail.md says, and the fields that its queries name, on a real API server.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named } from "../cache/keychain/programs.ts";
import { fromJson } from "../json.ts";
import { kubeconfigFor } from "./long-lived.ts";
import { assets, kubectls, run, startSandboxProcess, type RunningSandbox } from "./sandbox-process.ts";
import {
  auditLogOf,
  folderOf,
  trailOf,
  type AuditEvent,
  type CredentialSet,
  type TrailRecord,
} from "./trail.ts";
import { until } from "../until.ts";

const kubectl = kubectls(["1.33"]).findLast(({ path }) => path !== undefined)?.path;
const missing =
  assets === undefined
    ? "KUBEBUILDER_ASSETS is not set"
    : kubectl === undefined
      ? "there is no kubectl"
      : undefined;

describe.skipIf(missing)(named("the audit trail", missing), () => {
  let sandbox: RunningSandbox;
  let env: NodeJS.ProcessEnv;
  let audited: AuditEvent[];
  let trail: TrailRecord[];
  let certificate: X509Certificate;

  beforeAll(async () => {
    sandbox = await startSandboxProcess();
    env = { ...sandbox.env, KUBECONFIG: kubeconfigFor(sandbox.env, { "build-42": "demo" }) };
    const get = ["get", "cm", "aws-auth", "--namespace=kube-system"];
    expect((await run(kubectl ?? "", ["--context=demo-admin", ...get], env)).code).toBe(0);
    const create = (...args: string[]) => run(kubectl ?? "", [...args, "create", "ns", "audited"], env);
    expect((await create()).stderr).toContain("(Forbidden)");
    expect((await create("--context=demo-admin")).code).toBe(0);
    expect((await create("--context=build-42")).stderr).toContain("(Forbidden)");
    audited = await until(() => {
      const found = auditLogOf(env).filter(({ verb }) => verb === "create");
      if (found.length < 3) throw new Error(`${found.length} of 3 are in the audit log`);
      return found;
    });
    trail = trailOf(env);
    certificate = new X509Certificate(readFileSync(join(folderOf(env), "user.pem")));
  });
  afterAll(async () => {
    await sandbox.stop();
  });

  const extra = (event: AuditEvent, name: string): string => event.user.extra?.[name]?.[0] ?? "";
  /** One of the session that made it, by its access key ID. */
  const sessionOf = (event: AuditEvent): { record: TrailRecord; set: CredentialSet } => {
    const key = extra(event, "accessKeyId");
    const records = trail.filter(
      ({ responseElements }) => responseElements?.credentialSet[0].credentials.accessKeyId === key,
    );
    expect(records.map(({ eventName }) => eventName)).toEqual(["CreateSession"]);
    const [record] = records;
    const set = record?.responseElements?.credentialSet[0];
    if (!record || !set) throw new Error(`no session has the access key ${key}`);
    return { record, set };
  };

  it("three requests: refused, allowed, refused", () => {
    expect(audited.map(({ responseStatus }) => responseStatus?.code)).toEqual([403, 201, 403]);
  });

  it("from a request to the certificate: access key ID, session, serial", () => {
    for (const event of audited) {
      const { record, set } = sessionOf(event);
      const sent = new X509Certificate(Buffer.from(record.requestParameters?.cert ?? "", "base64"));
      expect(sent.fingerprint256).toBe(certificate.fingerprint256);
      expect(set.assumedRoleUser.arn).toBe(extra(event, "arn"));
      expect(set.assumedRoleUser.assumedRoleId).toBe(
        `${extra(event, "principalId")}:${extra(event, "sessionName")}`,
      );
      expect(set.roleArn).toBe(extra(event, "canonicalArn"));
      expect(set.sourceIdentity).toBe("CN=alice");
    }
  });

  it("the session's name is the certificate's serial, unless another is asked for; the username has it", () => {
    const serial = certificate.serialNumber.toLowerCase().replace(/^0+/, "");
    expect(audited.map((event) => extra(event, "sessionName"))).toEqual([serial, serial, "build-42"]);
    expect(audited.map(({ user }) => user.username)).toEqual([
      `viewer:${serial}`,
      `admin:${serial}`,
      "viewer:build-42",
    ]);
    expect(audited.map(({ user }) => user.uid)).toEqual(
      audited.map((event) => `aws-iam-authenticator:111122223333:${extra(event, "principalId")}`),
    );
  });

  it("from the source identity to the requests: every token's check by the authenticator, and what it was for", () => {
    const checks = trail.filter(
      ({ eventName, userIdentity }) =>
        eventName === "GetCallerIdentity" &&
        userIdentity.sessionContext?.sourceIdentity ===
          `CN=${/CN=(.*)/.exec(certificate.subject)?.[1] ?? ""}`,
    );
    const keys = new Set(checks.map(({ userIdentity }) => userIdentity.accessKeyId));
    expect(audited.filter((event) => keys.has(extra(event, "accessKeyId")))).toEqual(audited);
    for (const { userIdentity } of checks)
      expect(userIdentity.arn).toContain(userIdentity.sessionContext?.sessionIssuer.arn.split("/").at(-1));
  });

  it("holds no secret: neither a key, nor a session token, nor a bearer token", () => {
    for (const name of ["cloudtrail.jsonl", "control-plane/audit.log"]) {
      const text = readFileSync(join(folderOf(env), name), "utf8");
      expect(text).not.toMatch(/k8s-aws-v1|X-Amz-Signature|PRIVATE KEY|IQoJb3JpZ2luX2Vj/);
    }
    for (const { responseElements } of trail.filter(({ eventName }) => eventName === "CreateSession"))
      expect(responseElements?.credentialSet[0].credentials).toMatchObject({
        secretAccessKey: "HIDDEN_DUE_TO_SECURITY_REASONS",
        sessionToken: "HIDDEN_DUE_TO_SECURITY_REASONS",
      });
  });

  describe("docs/audit-trail.md", () => {
    const page = readFileSync(new URL("../../docs/audit-trail.md", import.meta.url), "utf8");
    const blocks = (language: string): string[] =>
      [...page.matchAll(/^```(\w*)\n([^`]*)^```/gm)]
        .filter(([, word]) => word === language)
        .map(([, , text = ""]) => text);
    const records = (): unknown[] => lowerCase(trail);

    it("names fields of the audit log", () => {
      const queries = blocks("").filter((text) => text.startsWith("fields "));
      const names = new Set(
        queries
          .join("\n")
          .match(/\b(user|objectRef|responseStatus)(\.\w+)+|\b(verb|requestURI|sourceIPs\.0|userAgent)\b/g),
      );
      expect(names.size).toBeGreaterThan(10);
      // What a request is about: a namespace has none, and one that was refused has no name.
      const about = [...names].filter((name) => name.startsWith("objectRef."));
      for (const name of about)
        expect(
          auditLogOf(env).some((event) => at(event, name) !== undefined),
          name,
        ).toBe(true);
      for (const name of [...names].filter((each) => !about.includes(each)))
        expect(
          audited.map((event) => at(event, name)),
          name,
        ).not.toContain(undefined);
    });

    it("names paths of the trail's JSON, as text in Athena", () => {
      const paths = [
        ...blocks("sql")
          .join("\n")
          .matchAll(/\((\w+), '\$\.([^']+)'\)/g),
      ];
      expect(paths.length).toBeGreaterThan(6);
      for (const [, column = "", path = ""] of paths) {
        const member = column === "requestparameters" ? "requestParameters" : "responseElements";
        const found = trail
          .filter(({ eventName }) => eventName === "CreateSession")
          .map((record) => at(record, `${member}.${path.replaceAll(/\[(\d+)\]/g, ".$1")}`));
        expect(found, path).not.toContain(undefined);
      }
    });

    it("names members of the trail, whose names SQL takes in any case", () => {
      const names = new Set(
        blocks("sql")
          .join("\n")
          .toLowerCase()
          .match(/\b(useridentity(\.\w+)+|event(time|source|name)|awsregion|sourceipaddress|useragent)\b/g),
      );
      expect(names.size).toBeGreaterThan(8);
      for (const name of names)
        expect(
          records().some((record) => at(record, name) !== undefined),
          name,
        ).toBe(true);
    });
  });
});

/** `user.extra.sessionName.0`. */
function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (inner, name) =>
        typeof inner === "object" && inner !== null
          ? Object.entries(inner).find(([key]) => key === name)?.[1]
          : undefined,
      value,
    );
}

function lowerCase(records: readonly TrailRecord[]): unknown[] {
  return records.map((record) =>
    fromJson<unknown>(JSON.stringify(record).replaceAll(/"(\w+)":/g, (name) => name.toLowerCase())),
  );
}
