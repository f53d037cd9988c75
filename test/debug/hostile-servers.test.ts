/** Servers that send back what they were sent, in every place where they have a word: nothing of it comes out. */
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/debug/report/report.ts";
import type { Answer } from "../../src/http/exchange.ts";
import {
  presignedUrl,
  sessionToken,
  signature,
  signedAt,
  tokenOf,
} from "../authenticator/token-form/mutated-token.ts";
import { kubeconfigText } from "../kubeconfig/read/kubeconfig-files.ts";
import { echoes, leaks } from "./echoes.ts";
import { answering, debugged, printed, type Asked } from "./world.ts";

const token = tokenOf(presignedUrl());
const payload = token.slice("k8s-aws-v1.".length);
const encodedPayload = Buffer.from(payload).toString("base64");
const hexadecimal = Buffer.from(payload).toString("hex");
/** The host and the dates of the URL are printed. Its secrets are these two. */
const secrets = [
  payload,
  sessionToken,
  encodeURIComponent(sessionToken),
  signature,
  encodedPayload,
  hexadecimal,
];
const files = { "/home/alice/.kube/config": kubeconfigText({ cluster: { server: "https://api.test" } }) };

const arn = "arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af";
const identity = { Account: "029608264753", Arn: arn, UserId: "AROAEXAMPLEROLEID0001:4e8708af" };

type Said = (asked: Asked) => Partial<Answer> | undefined;

/** All is well, but for what one server says. */
function walkedWith(said: Said): Promise<Report> {
  const { http } = answering((asked) => said(asked) ?? soundAnswer(asked));
  return debugged(token, { at: signedAt, files, http }, { context: "x" });
}

function soundAnswer({ request: { url } }: Asked): Partial<Answer> {
  const { pathname } = url;
  if (url.host.startsWith("sts."))
    return json(200, { GetCallerIdentityResponse: { GetCallerIdentityResult: identity } });
  if (pathname === "/version") return json(200, { gitVersion: "v1.34.4" });
  if (pathname.endsWith("selfsubjectreviews")) return review({ username: "viewer", groups: ["view"] });
  if (pathname.endsWith("selfsubjectaccessreviews")) return access({ allowed: true });
  return json(404, { kind: "Status", message: "not found" });
}

function json(status: number, body: object): Partial<Answer> {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function review(userInfo: object): Partial<Answer> {
  return json(201, { kind: "SelfSubjectReview", status: { userInfo } });
}

function access(status: object): Partial<Answer> {
  return json(201, { kind: "SelfSubjectAccessReview", status });
}

function at(path: string, answer: Partial<Answer>): Said {
  return ({ request: { url } }) => (url.href.includes(path) ? answer : undefined);
}

/** Where a server has a word. */
const places: readonly (readonly [string, (text: string) => Said])[] = [
  ...["AccessDenied", "SignatureDoesNotMatch", "IncompleteSignature", "SomethingNew"].map(
    (Code) =>
      [
        `STS, refusing with ${Code}`,
        (Message: string) => at("//sts.", json(403, { Error: { Code, Message } })),
      ] as const,
  ),
  ["STS, in its error's code", (Code) => at("//sts.", json(403, { Error: { Code, Message: "" } }))],
  ["STS, in a page", (body) => at("//sts.", { status: 502, body })],
  [
    "STS, in the identity",
    (text) => at("//sts.", identityOf(text.replace(/[^\x21-\x7e]/g, "").slice(0, 60))),
  ],
  ...[400, 401, 403, 404, 429, 500, 503].map(
    (status) =>
      [
        `/version, with ${status}`,
        (message: string) => at("/version", json(status, { kind: "Status", message })),
      ] as const,
  ),
  ["/version, in the version", (gitVersion) => at("/version", json(200, { gitVersion }))],
  ...[400, 401, 403, 409, 500].map(
    (status) =>
      [
        `the review, with ${status}`,
        (message: string) => at("/selfsubjectreviews", json(status, { kind: "Status", message })),
      ] as const,
  ),
  [
    "the review, in the user's name",
    (username) => at("/selfsubjectreviews", review({ username: username.slice(0, 2048) })),
  ],
  [
    "the review, in a group",
    (group) => at("/selfsubjectreviews", review({ username: "u", groups: [group.slice(0, 2048)] })),
  ],
  [
    "the review, in the uid",
    (uid) => at("/selfsubjectreviews", review({ username: "u", uid: uid.slice(0, 2048) })),
  ],
  [
    "the review, in extra",
    (text) =>
      at(
        "/selfsubjectreviews",
        review({ username: "u", extra: { [text.slice(0, 2048)]: [text.slice(0, 2048)] } }),
      ),
  ],
  [
    "the access review, allowing",
    (reason) => at("/selfsubjectaccessreviews", access({ allowed: true, reason })),
  ],
  [
    "the access review, denying",
    (reason) => at("/selfsubjectaccessreviews", access({ allowed: false, reason, evaluationError: reason })),
  ],
  ["aws-auth, forbidden", (message) => at("/configmaps/", json(403, { kind: "Status", message }))],
  ["aws-auth, out of order", (message) => at("/configmaps/", json(500, { kind: "Status", message }))],
  [
    "aws-auth, in an entry",
    (text) => at("/configmaps/", configMap({ mapRoles: `- rolearn: ${text}\n  username: ${text}\n` })),
  ],
  [
    "aws-auth, in broken YAML",
    (text) => at("/configmaps/", configMap({ mapRoles: `- rolearn: [ "${text}\n\t- ${text}` })),
  ],
  [
    "aws-auth, in the name of a list",
    (text) => at("/configmaps/", configMap({ [text]: "[]", maproles: text })),
  ],
  [
    "aws-auth, in the user's name",
    (text) =>
      at(
        "/configmaps/",
        configMap({
          mapRoles: JSON.stringify([
            { rolearn: "arn:aws:iam::029608264753:role/eks-read-only", username: text },
          ]),
        }),
      ),
  ],
];

function configMap(data: Record<string, string>): Partial<Answer> {
  return json(200, { kind: "ConfigMap", data });
}

function identityOf(text: string): Partial<Answer> {
  const result = {
    Account: identity.Account,
    Arn: `arn:aws:sts::029608264753:assumed-role/${text.replaceAll("/", "")}/s`,
    UserId: `${text}:s`,
  };
  return json(200, { GetCallerIdentityResponse: { GetCallerIdentityResult: result } });
}

describe.each(places.map(([place, said], index) => [place, said, index] as const))(
  "%s, repeats a secret",
  (_place, said, index) => {
    it("in any of the ways", async () => {
      for (const [other, [how, echo]] of echoes.entries()) {
        // In one place the token as one thing, in the next the session token.
        const secret = [token, sessionToken, signature][(index + other) % 3] ?? "";
        const output = printed(await walkedWith(said(echo(secret))));
        expect([how, leaks(output, secrets)]).toEqual([how, []]);
        expect(output.length).toBeLessThan(40_000);
      }
    });
  },
);

describe("an admin's token, with which aws-auth is read,", () => {
  const adminToken = "c9xk4vqz7mpw2hd8rt5jbn3fgs6lyu0a";
  const kubeconfig = {
    clusters: [{ name: "c", cluster: { server: "https://api.test" } }],
    users: [
      { name: "u", user: {} },
      { name: "admin", user: { token: adminToken } },
    ],
    contexts: ["u", "admin"].map((user) => ({ name: user, context: { cluster: "c", user } })),
    "current-context": "u",
  };

  it("does not come back either", async () => {
    for (const [how, echo] of echoes) {
      const { http, asked } = answering(
        (each) =>
          at("/configmaps/", json(500, { kind: "Status", message: echo(adminToken) }))(each) ??
          soundAnswer(each),
      );
      const outside = {
        at: signedAt,
        files: { "/home/alice/.kube/config": JSON.stringify(kubeconfig) },
        http,
      };
      const mapping = { awsAuth: undefined, adminContext: "admin" };
      const output = printed(await debugged(token, outside, { context: "u", mapping }));
      expect(asked.at(-1)?.request.headers["authorization"]).toBe(`Bearer ${adminToken}`);
      const hexadecimalToken = Buffer.from(adminToken).toString("hex");
      expect([how, leaks(output, [adminToken, hexadecimalToken])]).toEqual([how, []]);
    }
  });
});
