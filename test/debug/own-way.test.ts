/** Roles Anywhere and EKS, sending back what a walk of one's own way sent them. */
import { describe, expect, it } from "vitest";
import { portsWith } from "../ports.ts";
import { parseFlags } from "../../src/cli/settings/flags.ts";
import { getTokenInput } from "../../src/cli/settings/input.ts";
import { settingsFrom } from "../../src/cli/settings/settings.ts";
import type { Report } from "../../src/debug/report/report.ts";
import { walk } from "../../src/debug/walk.ts";
import type { Answer } from "../../src/http/exchange.ts";
import { from, hour, intermediate, leaf, now, root } from "../certificates.ts";
import { echoes, leaks, type Echo } from "./echoes.ts";
import { answering, printed, worldOf, type Asked } from "./world.ts";

const issuer = intermediate(root());
const alice = leaf(issuer, { name: "alice", serial: 0x1234n });
const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const args = [
  "--cluster-name=demo",
  "--certificate=/alice.pem",
  "--private-key=/alice.key",
  `--trust-anchor-arn=arn:aws:rolesanywhere:us-west-2:123456789012:trust-anchor/${uuid}`,
  `--profile-arn=arn:aws:rolesanywhere:us-west-2:123456789012:profile/${uuid}`,
  "--role-arn=arn:aws:iam::123456789012:role/eks-read-only",
];
const settings = settingsFrom({ flags: parseFlags(args), env: {}, extension: new Map(), file: undefined });
const credentials = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: "wJalrXUtnFEMIzK7MDENGabPxRfiCYq4T9ZsKwLm",
  sessionToken: "IQoJb3JpZ2luX2VjEJ7f2Qx/8TnVb4w+t9kLmN0pRsT1uVwXyZaBcDeFgHiJ==",
};
const arn = "arn:aws:sts::123456789012:assumed-role/eks-read-only/1234";

const files = {
  "/alice.pem": alice.pem + issuer.pem,
  "/alice.key": alice.keyPem,
};

type Said = (asked: Asked) => Partial<Answer> | undefined;

/** The report, and everything that was sent in confidence. */
async function walked(said: Said): Promise<{ report: Report; secrets: string[] }> {
  const { http, asked } = answering((each) => said(each) ?? soundAnswer(each));
  const world = {
    ...worldOf({ at: now, files, http }),
    resolve: () => Promise.resolve({ input: getTokenInput(settings, portsWith()), facts: [] }),
  };
  const report = await walk(
    {
      kubeconfig: undefined,
      context: undefined,
      hasOwnIdentity: true,
      isOffline: false,
      mapping: { awsAuth: undefined, adminContext: undefined },
    },
    world,
  );
  return { report, secrets: asked.flatMap(sentSecrets) };
}

function sentSecrets({ request: { headers } }: Asked): string[] {
  const { authorization = "", "x-amz-security-token": sessionToken = "" } = headers;
  return [authorization.replace(/^(?:Bearer k8s-aws-v1\.|Bearer |.*Signature=)/, ""), sessionToken].filter(
    Boolean,
  );
}

function soundAnswer({ request: { url } }: Asked): Partial<Answer> {
  if (url.host.startsWith("rolesanywhere.")) return session(arn);
  if (url.host.startsWith("sts.")) {
    const GetCallerIdentityResult = {
      Account: "123456789012",
      Arn: arn,
      UserId: "AROAEXAMPLEROLEID0001:1234",
    };
    return json(200, { GetCallerIdentityResponse: { GetCallerIdentityResult } });
  }
  return json(403, { __type: "AccessDeniedException", message: "no" });
}

function session(assumed: string, sourceIdentity = "CN=alice"): Partial<Answer> {
  const set = {
    credentials: { ...credentials, expiration: from(hour).toISOString() },
    assumedRoleUser: { arn: assumed },
    sourceIdentity,
  };
  return json(201, { credentialSet: [set] });
}

function json(status: number, body: object): Partial<Answer> {
  return { status, headers: {}, body: JSON.stringify(body) };
}

/** Sends back what was sent to it: the Authorization header, or the session token. */
function repeating(host: string, status: number, type: string, echo: Echo): Said {
  return ({ request: { url, headers } }) => {
    if (!url.host.startsWith(host)) return undefined;
    const message = [headers["authorization"], headers["x-amz-security-token"]]
      .filter(Boolean)
      .map((text) => echo(text ?? ""));
    return json(status, { __type: type, message: message.join(" ") });
  };
}

it("the way is walked to its end when nobody is hostile", async () => {
  const { report } = await walked(() => undefined);
  expect(report.hops.filter(({ status }) => status === "failed")).toEqual([]);
  expect(report.identity?.arn).toBe(arn);
});

describe.each([
  ["rolesanywhere.", 403, "AccessDeniedException"],
  ["rolesanywhere.", 400, "ValidationException"],
  ["rolesanywhere.", 500, "InternalFailure"],
  ["eks.", 403, "AccessDeniedException"],
  ["eks.", 403, "InvalidSignatureException"],
  ["eks.", 404, "ResourceNotFoundException"],
  ["eks.", 500, "ServerException"],
])("%s answers %i, %s, and repeats what it was sent", (host, status, type) => {
  it("in any of the ways", async () => {
    for (const [how, echo] of echoes) {
      const { report, secrets } = await walked(repeating(host, status, type, echo));
      const output = printed(report);
      const all = [...secrets, credentials.secretAccessKey, credentials.sessionToken];
      expect([how, leaks(output, all)]).toEqual([how, []]);
      expect(output.length).toBeLessThan(40_000);
    }
  });
});
