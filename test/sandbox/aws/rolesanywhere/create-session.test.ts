import { describe, expect, it } from "vitest";
import { type Account, furnishedTrustAnchor } from "../../../../src/sandbox/aws/account.ts";
import type { Role } from "../../../../src/sandbox/aws/iam/roles.ts";
import type { Profile } from "../../../../src/sandbox/aws/rolesanywhere/administration/profiles.ts";
import { createCreateSession } from "../../../../src/sandbox/aws/rolesanywhere/create-session.ts";
import { createSessions } from "../../../../src/sandbox/aws/sessions.ts";
import type { WireEvent, WireRequest, WireResponse } from "../../../../src/sandbox/wire.ts";
import { intermediate, keyPair, leaf, root, type Issued, type Recipe } from "../../../certificates.ts";
import { oid, sequence, set, utf8String } from "../../../der.ts";
import { anyNumber, containing, matching } from "../../../matching.ts";
import { account as plainAccount } from "../rolesanywhere-vectors.ts";
import { type Signing, arns, signedCreateSession } from "../signature/x509-signer.ts";
import { trusting } from "../../../trust-policy/trusting.ts";

const now = new Date("2026-11-22T16:00:00Z");
const day = 24 * 60 * 60 * 1000;
const validity = { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + 30 * day) };

const ca = root("root", validity);
const issuing = intermediate(ca, "intermediate", validity);
const stranger = root("root", { ...validity, keys: keyPair("p256", "stranger") });

const alice = (issuer: Issued, recipe: Recipe = {}): Issued => leaf(issuer, { ...validity, ...recipe });

/** What a program sends that has these certificates. */
function sent({ pem, keyPem }: Issued, chain: readonly Issued[] = []): Signing {
  return { certificate: pem, privateKey: keyPem, chain: chain.map((one) => one.pem), at: now };
}

interface Setting {
  profile?: Partial<Profile>;
  role?: Partial<Role>;
  events?: WireEvent[];
  anchors?: string;
}

function settle({ profile = {}, role = {}, anchors = ca.pem }: Setting): Account {
  return {
    ...plainAccount,
    trustAnchors: [furnishedTrustAnchor(arns["trustAnchorArn"] ?? "", anchors)],
    profiles: plainAccount.profiles.map((each) => ({ ...each, ...profile })),
    roles: plainAccount.roles.map((each) => ({ ...each, ...role })),
  };
}

function send(request: WireRequest, setting: Setting = {}): Promise<WireResponse> {
  const onEvent = (event: WireEvent): void => void setting.events?.push(event);
  const handler = createCreateSession({
    account: settle(setting),
    sessions: createSessions(),
    now: () => now,
    onEvent,
  });
  return handler(request);
}

async function signIn(
  recipe: Recipe = {},
  signing: Partial<Signing> = {},
  setting: Setting = {},
): Promise<WireResponse> {
  return send(signedCreateSession({ ...sent(alice(issuing, recipe), [issuing]), ...signing }), setting);
}

const organization = (name: string): Buffer => sequence(set(sequence(oid("2.5.4.10"), utf8String(name))));

function message({ body }: WireResponse): unknown {
  const content: unknown = JSON.parse(body);
  return content;
}

const denied = { "x-amzn-errortype": "AccessDeniedException" };

it("refuses a session with more tags than STS accepts, and logs the reason", async () => {
  const subject = (count: number): Buffer =>
    sequence(...Array.from({ length: count }, (_, at) => set(sequence(oid(`1.2.3.${at}`), utf8String("a")))));
  expect((await signIn({ subject: subject(48) })).status).toBe(201);
  const events: WireEvent[] = [];
  expect(message(await signIn({ subject: subject(49) }, {}, { events }))).toEqual({
    message: "Unable to assume role for arn:aws:iam::111122223333:role/eks-read-only",
  });
  expect(events[0]).toMatchObject({ why: containing("51 tags, more than the 50 that STS accepts") });
  const attributeMappings = [{ field: "x509Subject", specifiers: ["1.2.3.1"] }] as const;
  const mapped = await signIn({ subject: subject(49) }, {}, { profile: { attributeMappings } });
  expect(mapped.status).toBe(201);
});

describe("CreateSession answers as documented", () => {
  it("201 with one credential set and the subject's ARN", async () => {
    const serial = "7a12bc";
    const answer = await signIn({ serial: 0x7a12bcn });
    expect(answer.status).toBe(201);
    expect(message(answer)).toEqual({
      credentialSet: [
        {
          assumedRoleUser: {
            arn: `arn:aws:sts::111122223333:assumed-role/eks-read-only/${serial}`,
            assumedRoleId: `AROAEXAMPLEROLEID0001:${serial}`,
          },
          credentials: {
            accessKeyId: matching(/^ASIA[Q-Z2-7][A-Z2-7]{15}$/),
            secretAccessKey: matching(/^[A-Za-z0-9+/]{40}$/),
            sessionToken: matching(/^IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]{600,}={0,2}$/),
            expiration: "2026-11-22T17:00:00Z",
          },
          packedPolicySize: anyNumber(),
          roleArn: "arn:aws:iam::111122223333:role/eks-read-only",
          sourceIdentity: "CN=alice",
        },
      ],
      subjectArn: matching(
        /^arn:aws:rolesanywhere:us-west-2:111122223333:subject\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      ),
    });
  });

  it("and its event names the caller, but no secret", async () => {
    const events: WireEvent[] = [];
    const answer = await signIn({}, { body: { roleSessionName: "alice" } }, { events });
    const who = "O=Example Corp, CN=alice as arn:aws:sts::111122223333:assumed-role/eks-read-only/alice";
    expect(events).toEqual([
      { hop: "rolesanywhere", what: "POST /sessions", verdict: "accepted", who, why: "" },
    ]);
    expect(answer.body).toContain("assumed-role/eks-read-only/alice");
  });

  it("takes the ARNs from the body as well", async () => {
    expect((await signIn({}, { query: {}, body: arns })).status).toBe(201);
  });

  it("takes an empty body, when the query says all", async () => {
    expect((await signIn({}, { body: undefined })).status).toBe(201);
  });

  it("leaves the role's path out of the session's ARN", async () => {
    const arn = "arn:aws:iam::111122223333:role/team/eks-read-only";
    const setting = { role: { arn }, profile: { roleArns: [arn] } };
    const answer = await signIn({}, { query: { ...arns, roleArn: arn } }, setting);
    expect(answer.body).toContain("assumed-role/eks-read-only/");
    expect(answer.body).not.toContain("assumed-role/team");
  });

  it.each([
    ["the common name", "alice", "CN=alice"],
    ["61 characters", "a".repeat(61), `CN=${"a".repeat(61)}`],
    ["62 characters", "a".repeat(62), "a".repeat(62)],
    ["64 characters", "a".repeat(64), "a".repeat(64)],
  ])("source identity: %s", async (_, commonName, sourceIdentity) => {
    expect(message(await signIn({ name: commonName }))).toMatchObject({
      credentialSet: [{ sourceIdentity }],
    });
  });

  it("source identity: the serial number without a common name", async () => {
    const answer = message(await signIn({ subject: organization("Example Corp"), serial: 0x7a12bcn }));
    expect(answer).toMatchObject({ credentialSet: [{ sourceIdentity: "ID=7a12bc" }] });
  });

  it("the more a certificate says, the longer the session token", async () => {
    const tokenOf = async (recipe: Recipe): Promise<number> => (await signIn(recipe)).body.length;
    const short = await tokenOf({});
    const long = await tokenOf({
      subject: organization("x".repeat(64)),
      hosts: ["build-agent.example.com"],
    });
    expect(long).toBeGreaterThan(short + 80);
  });

  it("the subject is the same for a renewed certificate", async () => {
    const bodies = [await signIn(), await signIn()].map(
      ({ body }) => /"subjectArn":"([^"]+)"/.exec(body)?.[1],
    );
    expect(bodies[0]).toBe(bodies[1]);
  });
});

describe("keys and chains that are accepted", () => {
  it("RSA 2048", async () => {
    expect((await signIn({ keys: keyPair("rsa-2048") })).status).toBe(201);
  });

  it("a leaf right below the anchor, without a chain", async () => {
    expect((await send(signedCreateSession(sent(alice(ca))))).status).toBe(201);
  });

  it("the root sent along, and the intermediates in any order", async () => {
    const lower = intermediate(issuing, "lower", validity);
    const request = signedCreateSession(sent(alice(lower), [ca, issuing, lower]));
    expect((await send(request)).status).toBe(201);
  });

  it("the intermediate as trust anchor", async () => {
    const setting = { anchors: issuing.pem };
    expect((await signIn({}, { chain: [] }, setting)).status).toBe(201);
  });

  it("a second CA in the trust anchor, of the same name as the first", async () => {
    const setting = { anchors: `${stranger.pem}\n${ca.pem}` };
    expect((await signIn({}, {}, setting)).status).toBe(201);
  });

  it("a clock 14 minutes behind or ahead", async () => {
    for (const minutes of [-14, 14]) {
      const at = new Date(now.getTime() + minutes * 60_000);
      expect((await signIn({}, { at })).status).toBe(201);
    }
  });
});

describe("certificates that are not trusted", () => {
  it.each<[string, Recipe, string, string]>([
    [
      "expired",
      { notAfter: new Date(now.getTime() - 1000) },
      "Untrusted signing certificate",
      "the certificate expired",
    ],
    [
      "not yet valid",
      { notBefore: new Date(now.getTime() + 60_000) },
      "Untrusted signing certificate",
      "the certificate becomes valid in",
    ],
    ["signed with SHA-1", { hash: "sha1" }, "Untrusted signing certificate", "signed with SHA-1"],
    [
      "without digitalSignature",
      { keyUsage: ["keyEncipherment"] },
      "Untrusted certificate. Insufficient certificate",
      "keyUsage does not contain digitalSignature",
    ],
    ["a CA itself", { ca: true }, "Untrusted certificate. Insufficient certificate", "CA:true"],
    [
      "RSA 1024",
      { keys: keyPair("rsa-1024") },
      "Untrusted certificate. Insufficient certificate",
      "the RSA key has 1024 bits",
    ],
  ])("%s", async (_, recipe, text, why) => {
    const events: WireEvent[] = [];
    const answer = await signIn(recipe, {}, { events });
    expect(answer).toMatchObject({ status: 403, headers: denied });
    expect(message(answer)).toEqual({ message: text });
    expect(events[0]).toMatchObject({ verdict: "refused", who: "O=Example Corp, CN=alice" });
    expect(events[0]?.why).toContain(why);
  });

  it.each([
    ["a missing intermediate", []],
    ["another chain", [stranger.pem]],
    ["six intermediates", Array.from({ length: 6 }, () => issuing.pem)],
  ])("%s", async (_, chain) => {
    const answer = await signIn({}, { chain });
    expect(answer).toMatchObject({ status: 403, headers: denied });
    expect(message(answer)).toEqual({ message: "Untrusted signing certificate" });
  });

  it("an anchor of the same name with another key", async () => {
    const answer = await signIn({}, {}, { anchors: stranger.pem });
    expect(message(answer)).toEqual({ message: "Untrusted signing certificate" });
  });

  it("an intermediate that expired", async () => {
    const past = { ...validity, notAfter: new Date(now.getTime() - 1000) };
    const expired = intermediate(ca, "expired", past);
    const events: WireEvent[] = [];
    const request = signedCreateSession(sent(alice(expired), [expired]));
    expect(message(await send(request, { events }))).toEqual({ message: "Untrusted signing certificate" });
    expect(events[0]?.why).toContain("the intermediate O=Example Corp, CN=expired expired");
  });

  it("an intermediate below one whose path length is 0", async () => {
    const narrow = intermediate(ca, "narrow", { ...validity, pathLength: 0 });
    const lower = intermediate(narrow, "lower", validity);
    const answer = await send(signedCreateSession(sent(alice(lower), [lower, narrow])));
    expect(message(answer)).toEqual({ message: "Untrusted signing certificate" });
  });

  it("a leaf issued by another leaf", async () => {
    const issued = alice(issuing);
    const forged = alice(issued, { name: "bob", keys: keyPair("p256", "bob") });
    expect((await send(signedCreateSession(sent(forged, [issued])))).status).toBe(403);
  });
});

describe("requests that are refused in documented words", () => {
  const other = (arn: string): string => arn.replace(/[^/]+$/, "33333333-3333-3333-3333-333333333333");
  const invalid = { "x-amzn-errortype": "ValidationException" };

  it.each<[string, Partial<Signing>, Setting, string]>([
    [
      "unknown anchor",
      { query: { ...arns, trustAnchorArn: other(arns["trustAnchorArn"] ?? "") } },
      {},
      "Specified Trust Anchor wasn't found.",
    ],
    [
      "unknown profile",
      { query: { ...arns, profileArn: other(arns["profileArn"] ?? "") } },
      {},
      "Invalid or empty profile provided.",
    ],
    [
      "profile of another region",
      { query: { ...arns, profileArn: (arns["profileArn"] ?? "").replace("us-west-2", "us-east-1") } },
      {},
      "Invalid or empty profile provided.",
    ],
    [
      "role outside the profile",
      { query: { ...arns, roleArn: "arn:aws:iam::111122223333:role/other" } },
      {},
      "Requested Role isn't one of those listed in the Profile.",
    ],
    [
      "role that is gone",
      {},
      { role: { arn: "arn:aws:iam::111122223333:role/renamed" } },
      "Unable to assume role for arn:aws:iam::111122223333:role/eks-read-only",
    ],
    [
      "session name not allowed",
      { body: { roleSessionName: "alice" } },
      { profile: { acceptRoleSessionName: false } },
      "Not authorized to set roleSessionName",
    ],
    [
      "role without sts:TagSession",
      {},
      { role: { trustPolicy: trusting(["sts:AssumeRole", "sts:SetSourceIdentity"]) } },
      "Unable to assume role for arn:aws:iam::111122223333:role/eks-read-only",
    ],
    [
      "role without sts:SetSourceIdentity",
      {},
      { role: { trustPolicy: trusting(["sts:AssumeRole", "sts:TagSession"]) } },
      "Unable to assume role for arn:aws:iam::111122223333:role/eks-read-only",
    ],
    [
      "role for another common name",
      {},
      {
        role: {
          trustPolicy: trusting("sts:*", { StringEquals: { "aws:PrincipalTag/x509Subject/CN": "bob" } }),
        },
      },
      "Unable to assume role for arn:aws:iam::111122223333:role/eks-read-only",
    ],
    [
      "role for another trust anchor",
      {},
      {
        role: {
          trustPolicy: trusting("sts:*", {
            ArnEquals: { "aws:SourceArn": other(arns["trustAnchorArn"] ?? "") },
          }),
        },
      },
      "Unable to assume role for arn:aws:iam::111122223333:role/eks-read-only",
    ],
    [
      "past MaxSessionDuration",
      { body: { durationSeconds: 7200 } },
      { profile: { durationSeconds: 43200 } },
      "Unable to assume role for arn:aws:iam::111122223333:role/eks-read-only; The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    ],
    ["region of another endpoint", { region: "us-east-1" }, {}, "Invalid signature"],
    ["16 minutes behind", { at: new Date(now.getTime() - 16 * 60_000) }, {}, "Invalid signature"],
    ["16 minutes ahead", { at: new Date(now.getTime() + 16 * 60_000) }, {}, "Invalid signature"],
    ["x-amz-x509-chain unsigned", { unsigned: "x-amz-x509-chain" }, {}, "Invalid signature"],
    ["content-type unsigned", { unsigned: "content-type" }, {}, "Invalid signature"],
    ["the algorithm of another key", { algorithm: "AWS4-X509-RSA-SHA256" }, {}, "Invalid signature"],
  ])("AccessDeniedException: %s", async (_, signing, setting, text) => {
    const answer = await signIn({}, signing, setting);
    expect(answer).toMatchObject({ status: 403, headers: denied });
    expect(message(answer)).toEqual({ message: text });
  });

  it.each<[string, unknown, string]>([
    ["899 s", { durationSeconds: 899 }, "'durationSeconds'"],
    ["43201 s", { durationSeconds: 43201 }, "'durationSeconds'"],
    ["half a second", { durationSeconds: 900.5 }, "'durationSeconds'"],
    ["a duration in text", { durationSeconds: "3600" }, "'durationSeconds'"],
    ["a session name of one letter", { roleSessionName: "a" }, "'roleSessionName'"],
    ["a session name of 65 letters", { roleSessionName: "a".repeat(65) }, "'roleSessionName'"],
    ["a session name with a space", { roleSessionName: "al ice" }, "'roleSessionName'"],
    ["a session name that is a number", { roleSessionName: 12 }, "'roleSessionName'"],
    ["a body that is a list", [], "not JSON"],
  ])("ValidationException: %s", async (_, body, text) => {
    const answer = await signIn({}, { body });
    expect(answer).toMatchObject({ status: 400, headers: invalid });
    expect(message(answer)).toEqual({ message: containing(text) });
  });

  it.each([
    ["trustAnchorArn", "arn:aws:rolesanywhere:us-west-2:111122223333:profile/x"],
    ["profileArn", "profile"],
    ["roleArn", "arn:aws:iam::111122223333:user/bob"],
    ["roleArn", `arn:aws:iam::111122223333:role/${"x".repeat(1000)}`],
  ])("ValidationException: %s %s", async (name, value) => {
    const answer = await signIn({}, { query: { ...arns, [name]: value } });
    expect(answer).toMatchObject({ status: 400, headers: invalid });
    expect(message(answer)).toEqual({ message: containing(`at '${name}'`) });
  });

  it.each(["trustAnchorArn", "profileArn", "roleArn"])("ValidationException: no %s", async (name) => {
    const query = Object.fromEntries(Object.entries(arns).filter(([key]) => key !== name));
    expect(message(await signIn({}, { query }))).toEqual({
      message: containing(`Value null at '${name}'`),
    });
  });

  it("durations are the smaller of the profile's and the request's", async () => {
    const setting = { profile: { durationSeconds: 1800 } };
    expect((await signIn({}, {}, setting)).body).toContain('"expiration":"2026-11-22T16:30:00Z"');
    expect((await signIn({}, { body: { durationSeconds: 3600 } }, setting)).body).toContain("T16:30:00Z");
    expect((await signIn({}, { body: { durationSeconds: 900 } }, setting)).body).toContain("T16:15:00Z");
  });
});
