import fc from "fast-check";
import { portsWith, sha256 } from "../ports.ts";
import { describe, expect, it } from "vitest";
import { parseRoleArn, parseRolesAnywhereArn, ArnProblem } from "../../src/aws/arn.ts";
import { parseRegion } from "../../src/aws/partition.ts";
import { cacheKeys as keysBy, type CacheKeys, type KeyInputs } from "../../src/cache/cache-key.ts";
import { getTokenInput } from "../../src/cli/settings/input.ts";
import { settingsFrom } from "../../src/cli/settings/settings.ts";

const cacheKeys = (inputs: KeyInputs): CacheKeys => keysBy(inputs, sha256);

function parsed<Value>(value: Value | ArnProblem | undefined): Value {
  if (value === undefined || value instanceof ArnProblem) throw new Error("an example that cannot be parsed");
  return value;
}

const region = fc
  .constantFrom("us-west-2", "us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1")
  .map((name) => parsed(parseRegion(name)));
const account = fc.integer({ min: 0, max: 999_999_999_999 }).map((id) => String(id).padStart(12, "0"));
const rolesAnywhere = (kind: "trust-anchor" | "profile") =>
  fc
    .tuple(region, account, fc.uuid())
    .map(([{ name, partition }, id, uuid]) =>
      parsed(
        parseRolesAnywhereArn(`arn:${partition.name}:rolesanywhere:${name}:${id}:${kind}/${uuid}`, kind),
      ),
    );
const role = fc
  .tuple(account, fc.stringMatching(/^[\w+=,.@-]{1,64}$/))
  .map(([id, name]) => parsed(parseRoleArn(`arn:aws:iam::${id}:role/${name}`)));

type WithSecond = KeyInputs & Required<Pick<KeyInputs, "second">>;
type Second = NonNullable<KeyInputs["second"]>;

/** Any text where the format leaves room for any: nothing may run into its neighbour. */
const anyInputs: fc.Arbitrary<WithSecond> = fc.record({
  fingerprints: fc.record({
    certificate: fc.string(),
    intermediates: fc.option(fc.string(), { nil: undefined }),
    privateKey: fc.string(),
  }),
  parameters: fc.record({
    trustAnchor: rolesAnywhere("trust-anchor"),
    profile: rolesAnywhere("profile"),
    role,
    durationSeconds: fc.integer({ min: 900, max: 43_200 }),
    roleSessionName: fc.option(fc.string(), { nil: undefined }),
  }),
  endpoint: fc.webUrl().map((url) => new URL(url)),
  second: fc.record({
    role,
    externalId: fc.option(fc.string(), { nil: undefined }),
    sessionName: fc.option(fc.string(), { nil: undefined }),
    endpoint: fc.webUrl().map((url) => new URL(url)),
  }),
  token: fc.record({
    clusterName: fc.string(),
    region,
    variant: fc.record({ fips: fc.boolean(), dualStack: fc.boolean() }),
  }),
});

/** One field of the inputs taken from others. Of the type of the inputs' own fields: one that is added must be added here. */
type Change = (inputs: KeyInputs, others: KeyInputs) => KeyInputs;
const fingerprint =
  (name: keyof KeyInputs["fingerprints"]): Change =>
  (inputs, { fingerprints }) => ({
    ...inputs,
    fingerprints: { ...inputs.fingerprints, [name]: fingerprints[name] },
  });
const session =
  (name: keyof KeyInputs["parameters"]): Change =>
  (inputs, others) => ({
    ...inputs,
    parameters: { ...inputs.parameters, [name]: others.parameters[name] },
  });
const second =
  (name: keyof Second): Change =>
  (inputs, others) => ({
    ...inputs,
    second: inputs.second && others.second && { ...inputs.second, [name]: others.second[name] },
  });
const token =
  (name: keyof KeyInputs["token"]): Change =>
  (inputs, others) => ({ ...inputs, token: { ...inputs.token, [name]: others.token[name] } });

const ofTheSession = {
  certificate: fingerprint("certificate"),
  intermediates: fingerprint("intermediates"),
  privateKey: fingerprint("privateKey"),
  trustAnchor: session("trustAnchor"),
  profile: session("profile"),
  role: session("role"),
  durationSeconds: session("durationSeconds"),
  roleSessionName: session("roleSessionName"),
  endpoint: (inputs, { endpoint }) => ({ ...inputs, endpoint }),
} satisfies Record<keyof KeyInputs["fingerprints"] | keyof KeyInputs["parameters"] | "endpoint", Change>;

const ofTheSecondRole = {
  role: second("role"),
  externalId: second("externalId"),
  sessionName: second("sessionName"),
  endpoint: second("endpoint"),
} satisfies Record<keyof Second, Change>;

const ofTheClusterAlone = {
  clusterName: token("clusterName"),
  region: token("region"),
  variant: token("variant"),
} satisfies Record<keyof KeyInputs["token"], Change>;

const asText = (inputs: KeyInputs): string => JSON.stringify(inputs, (_, value: unknown) => value ?? null);

describe("two inputs that differ in one field never share an entry", () => {
  const all = [
    ...Object.entries(ofTheSession),
    ...Object.entries(ofTheSecondRole).map(([name, change]) => [`second role's ${name}`, change] as const),
    ["second role, or none", (inputs: KeyInputs): KeyInputs => ({ ...inputs, second: undefined })] as const,
  ];
  it.each(all)("%s: neither token nor session", (_, change) => {
    fc.assert(
      fc.property(anyInputs, anyInputs, (inputs, others) => {
        const changed = change(inputs, others);
        fc.pre(asText(changed) !== asText(inputs));
        const [one, other] = [cacheKeys(inputs), cacheKeys(changed)];
        expect(other.token).not.toBe(one.token);
        expect(other.session).not.toBe(one.session);
      }),
    );
  });

  it.each(Object.entries(ofTheClusterAlone))("%s: another token, of the same session", (_, change) => {
    fc.assert(
      fc.property(anyInputs, anyInputs, (inputs, others) => {
        const changed = change(inputs, others);
        fc.pre(asText(changed) !== asText(inputs));
        const [one, other] = [cacheKeys(inputs), cacheKeys(changed)];
        expect(other.token).not.toBe(one.token);
        expect(other.session).toBe(one.session);
      }),
    );
  });

  it("in whatever they differ, and never because a text moves from one field into the next", () => {
    const texts = fc.tuple(fc.string(), fc.nat(), fc.nat());
    fc.assert(
      fc.property(anyInputs, texts, (inputs, [text, one, other]) => {
        const cut = (at: number): KeyInputs => ({
          ...inputs,
          fingerprints: {
            ...inputs.fingerprints,
            certificate: text.slice(0, at % (text.length + 1)),
            intermediates: text.slice(at % (text.length + 1)),
          },
        });
        fc.pre(one % (text.length + 1) !== other % (text.length + 1));
        expect(cacheKeys(cut(one)).session).not.toBe(cacheKeys(cut(other)).session);
      }),
    );
  });

  it.each([
    [undefined, ""],
    [undefined, "null"],
    [undefined, "undefined"],
  ])("a session name that is %j and one that is %j", (one, other) => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const named = (roleSessionName: string | undefined) =>
          cacheKeys({ ...inputs, parameters: { ...inputs.parameters, roleSessionName } }).session;
        expect(named(one)).not.toBe(named(other));
      }),
      { numRuns: 10 },
    );
  });
});

describe("an entry's name", () => {
  it("is the same for the same input", () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        expect(cacheKeys(structured(inputs))).toEqual(cacheKeys(inputs));
      }),
    );
  });

  it("is its kind and a hash, and reveals nothing of the input", () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const keys = cacheKeys(inputs);
        expect(keys.token).toMatch(/^token\/[0-9a-f]{64}$/);
        expect(keys.session).toMatch(/^session\/[0-9a-f]{64}$/);
        expect(keys.token.slice(6)).not.toBe(keys.session.slice(8));
      }),
    );
  });
});

/** The same values, none of them the same object. */
function structured({ fingerprints, parameters, endpoint, second, token }: WithSecond): KeyInputs {
  return {
    fingerprints: { ...fingerprints },
    parameters: { ...parameters },
    endpoint: new URL(endpoint),
    second: second && { ...second, endpoint: new URL(second.endpoint) },
    token: { ...token, variant: { ...token.variant } },
  };
}

describe("from the environment", () => {
  const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
  const flags = new Map([
    ["cluster-name", "demo"],
    ["certificate", "/alice.pem"],
    ["private-key", "/alice.key"],
    ["trust-anchor-arn", `arn:aws:rolesanywhere:us-west-2:123456789012:trust-anchor/${uuid}`],
    ["profile-arn", `arn:aws:rolesanywhere:us-west-2:123456789012:profile/${uuid}`],
    ["role-arn", "arn:aws:iam::123456789012:role/eks-read-only"],
  ] as const);
  const keys = (env: Record<string, string> = {}) => {
    const settings = settingsFrom({ flags, env, extension: new Map(), file: undefined });
    const fingerprints = {
      certificate: sha256("certificate"),
      intermediates: undefined,
      privateKey: "1:2:3:4:5",
    };
    return cacheKeys({ ...getTokenInput(settings, portsWith({ env })), fingerprints });
  };

  it.each(["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])(
    "%s is another endpoint: another session",
    (name) => {
      expect(keys({ [name]: "true" }).session).not.toBe(keys().session);
      expect(keys({ [name]: "false" })).toEqual(keys());
    },
  );

  it("with an endpoint that is given, they change the token's host alone", () => {
    const given = { AWS_ENDPOINT_URL_ROLESANYWHERE: "https://127.0.0.1:1" };
    const fips = keys({ ...given, AWS_USE_FIPS_ENDPOINT: "true" });
    expect(fips.session).toBe(keys(given).session);
    expect(fips.token).not.toBe(keys(given).token);
  });

  it("the cluster's region, given or taken from the trust anchor, is the same region", () => {
    expect(keys({ AWS_REGION: "us-west-2" })).toEqual(keys());
    expect(keys({ AWS_REGION: "eu-central-1" }).token).not.toBe(keys().token);
    expect(keys({ AWS_REGION: "eu-central-1" }).session).toBe(keys().session);
  });

  it("the cache's mode is of no account: each mode has a place of its own", () => {
    expect(keys({ EKS_X509_CACHE: "keyutils" })).toEqual(keys());
  });
});
