/** Every command among hostile servers and plugins: data for confidential.test.ts. */
import { spellings } from "./spellings.ts";
import type { Secret } from "./search.ts";
import { workingCluster, workingSession, credentials, type Answers, type Reply } from "./hostile-servers.ts";
import { flags, options, secrets, writingFlags, type PluginText } from "./surroundings.ts";

/** The next text in which somebody repeats a secret. */
export type Say = () => string;

export interface Scenario {
  name: string;
  /** Ends with the options that vary: each is a run of its own. */
  commands: readonly (readonly string[])[];
  answers?: (say: Say) => Answers;
  plugin?: (say: Say) => PluginText;
  /** Goes through the proxy, with a password. */
  hasProxy?: boolean;
  /** The server's certificate repeats the secrets that are known before it starts. */
  hasOwnCertificate?: boolean;
  /** Secrets that the command meets, besides those of its session. */
  meets?: readonly Secret[];
}

const own = ["get-token", ...flags()];
const verbose = [...own, "--verbose"];
const write = ["update-kubeconfig", ...writingFlags()];
const dryRun = [...write, "--dry-run", "--verbose"];
const all = ["update-kubeconfig", ...flags({ "cluster-name": undefined }), "--all"];
const debug = (context: string, ...more: readonly string[]): string[] => [
  "token",
  "debug",
  "--context",
  context,
  ...more,
];
const bothForms = (context: string, ...more: readonly string[]): string[][] => [
  debug(context, ...more),
  debug(context, "--output=json", ...more),
];

/** A refusal that has a word wherever HTTP and AWS have room for one. */
function refusal(say: Say, status = 403, type = "AccessDeniedException"): Reply {
  return {
    status,
    statusMessage: say(),
    headers: {
      "x-amzn-requestid": say(),
      "x-amzn-errortype": `${type}:${say()}`,
      "x-amz-id-2": say(),
      "www-authenticate": `Basic realm="${say()}"`,
      "proxy-authenticate": say(),
      location: `https://127.0.0.1/${say()}`,
      date: say(),
      server: say(),
    },
    body: { __type: `${type}#${say()}`, code: say(), message: say(), Message: say(), [say()]: say() },
  };
}

function typedOnlyInBody(say: Say): Reply {
  return { status: 400, body: { __type: say(), message: say() } };
}

function stsRefusal(say: Say, Code: string): Reply {
  return {
    status: 403,
    headers: { "x-amzn-requestid": say() },
    body: { Error: { Code, Message: say() }, RequestId: say() },
  };
}

function status(say: Say, code: number): Reply {
  const body = {
    kind: "Status",
    status: say(),
    message: say(),
    reason: say(),
    details: { name: say() },
    code,
  };
  return {
    status: code,
    statusMessage: say(),
    headers: { "x-request-id": say(), "retry-after": say() },
    body,
  };
}

const page = (say: Say): Reply => ({
  status: 302,
  headers: { location: `https://127.0.0.1/?token=${say()}`, "content-type": "text/html" },
  body: `<html><title>${say()}</title>${say()}</html>`,
});

/** Pieces of a secret, as a server spreads it over a list. */
function elements(say: Say, length: number, prefix = ""): string[] {
  const pieces = say().match(new RegExp(`.{1,${length}}`, "gs")) ?? [];
  return pieces.slice(0, 900).map((piece, index) => (prefix === "" ? piece : `${prefix}${index}-${piece}`));
}

function review(userInfo: object): Reply {
  return { status: 201, body: { kind: "SelfSubjectReview", status: { userInfo } } };
}

function cluster(change: object): Reply {
  return { status: 200, body: { cluster: { ...workingCluster, ...change } } };
}

const userSecrets = [secrets.userToken, secrets.userPassword, secrets.userKey];
const pluginSecrets = [secrets.pluginArgument, secrets.pluginVariable, secrets.pluginSymbols];

const signInCommands = [own, verbose, write, ...bothForms("own")];

const signIns: readonly Scenario[] = [
  {
    name: "Roles Anywhere refuses",
    commands: signInCommands,
    answers: (say) => ({ session: () => refusal(say) }),
  },
  {
    name: "Roles Anywhere refuses in the body alone",
    commands: signInCommands,
    answers: (say) => ({ session: () => typedOnlyInBody(say) }),
  },
  {
    name: "Roles Anywhere validates",
    commands: [verbose, write],
    answers: (say) => ({ session: () => refusal(say, 400, "ValidationException") }),
  },
  {
    name: "Roles Anywhere is out of order",
    commands: [verbose, ...bothForms("own")],
    answers: (say) => ({ session: () => refusal(say, 503, "InternalError") }),
  },
  {
    name: "Roles Anywhere redirects",
    commands: [verbose, ...bothForms("own")],
    answers: (say) => ({ session: () => page(say) }),
  },
  {
    name: "Roles Anywhere returns a session with other words in it",
    commands: [verbose, [...dryRun], ...bothForms("own")],
    answers: (say) => ({
      session: () =>
        session({
          assumedRoleUser: { arn: `arn:${say().replace(/[^!-~]/g, "")}`, assumedRoleId: say() },
          sourceIdentity: say(),
          roleArn: say(),
          [say()]: say(),
        }),
    }),
  },
  {
    name: "Roles Anywhere returns half a session",
    commands: [verbose, ...bothForms("own")],
    answers: (say) => ({
      session: () =>
        session({ credentials: { ...credentials, expiration: say() }, assumedRoleUser: { arn: say() } }),
    }),
  },
  {
    name: "the proxy refuses",
    commands: [verbose, write, ...bothForms("own")],
    hasProxy: true,
    answers: (say) => ({ connect: () => ({ ...refusal(say, 407), body: say() }) }),
  },
  {
    name: "the proxy forbids",
    commands: [verbose, ...bothForms("own")],
    hasProxy: true,
    answers: (say) => ({ connect: () => ({ ...refusal(say, 403), body: say() }) }),
  },
  {
    name: "the proxy connects, with a word to it, and Roles Anywhere refuses",
    commands: [verbose, ...bothForms("own")],
    hasProxy: true,
    answers: (say) => ({
      connect: () => ({ status: 200, headers: { via: say(), "x-forwarded": say() } }),
      session: () => refusal(say),
    }),
  },
  {
    name: "a server's certificate has other names",
    commands: [verbose, write, ...bothForms("own"), ...bothForms("static")],
    hasOwnCertificate: true,
  },
];

/** A session's own fields, and others beside them or in their place. */
function session(change: object): Reply {
  return { status: 201, body: { credentialSet: [{ ...workingSession, ...change }] } };
}

const clusters: readonly Scenario[] = [
  {
    name: "EKS refuses",
    commands: [write, dryRun, all],
    answers: (say) => ({ cluster: () => refusal(say), clusters: () => refusal(say) }),
  },
  {
    name: "EKS does not know the cluster",
    commands: [write, ...bothForms("own")],
    answers: (say) => ({ cluster: () => refusal(say, 404, "ResourceNotFoundException") }),
  },
  {
    name: "EKS is out of order",
    commands: [write, all, ...bothForms("own")],
    answers: (say) => ({ cluster: () => refusal(say, 500), clusters: () => refusal(say, 500) }),
  },
  {
    name: "EKS describes a cluster with other words in it",
    commands: [write, dryRun, ...bothForms("own")],
    answers: (say) => ({
      cluster: () =>
        cluster({
          arn: say(),
          endpoint: say(),
          status: say(),
          version: say(),
          certificateAuthority: { data: say() },
          accessConfig: { authenticationMode: say() },
        }),
    }),
  },
  {
    name: "EKS describes another cluster",
    commands: [write, ...bothForms("own")],
    answers: (say) => ({
      cluster: () => cluster({ name: say(), arn: say(), status: say() }),
    }),
  },
  {
    name: "EKS lists clusters with other names",
    commands: [all, [...all, "--dry-run"]],
    answers: (say) => ({
      clusters: (reply) => ({ ...reply, body: { clusters: [say(), say()], nextToken: say() } }),
    }),
  },
];

const tokens: readonly Scenario[] = [
  ...["AccessDenied", "SignatureDoesNotMatch", "InvalidClientTokenId", "SomethingNew"].map((code) => ({
    name: `STS refuses with ${code}`,
    commands: bothForms("own"),
    answers: (say: Say) => ({ identity: () => stsRefusal(say, code) }),
  })),
  {
    name: "STS refuses with a code of its own",
    commands: bothForms("own"),
    answers: (say) => ({
      identity: () => ({ status: 400, body: { Error: { Code: say(), Message: say() } } }),
    }),
  },
  {
    name: "STS names somebody else",
    commands: bothForms("own"),
    answers: (say) => ({
      identity: (reply) => ({
        ...reply,
        body: {
          GetCallerIdentityResponse: {
            GetCallerIdentityResult: {
              Account: "111122223333",
              Arn: `arn:aws:sts::111122223333:assumed-role/${say()
                .replace(/[^!-.0-~]/g, "")
                .slice(0, 60)}/s`,
              UserId: `${say()
                .replace(/[^!-~]/g, "")
                .slice(0, 60)}:s`,
            },
          },
        },
      }),
    }),
  },
  ...[401, 403, 404, 500].map((code) => ({
    name: `the API server answers ${code}`,
    commands: [...bothForms("own"), debug("static", "--output=json")],
    meets: userSecrets,
    answers: (say: Say) => ({
      version: () => status(say, code),
      review: () => status(say, code),
      accessReview: () => status(say, code),
      awsAuth: () => status(say, code),
    }),
  })),
  {
    name: "the API server redirects",
    commands: bothForms("own"),
    answers: (say) => ({ version: () => page(say), review: () => page(say) }),
  },
  {
    name: "the API server refuses the review",
    commands: [...bothForms("own"), ...bothForms("static")],
    meets: userSecrets,
    answers: (say) => ({ review: () => status(say, 403), accessReview: () => status(say, 409) }),
  },
  {
    name: "the API server denies, with a reason",
    commands: [...bothForms("own"), debug("basic")],
    meets: userSecrets,
    answers: (say) => ({
      accessReview: () => ({
        status: 201,
        body: {
          kind: "SelfSubjectAccessReview",
          status: { allowed: false, reason: say(), evaluationError: say() },
        },
      }),
    }),
  },
  {
    name: "the API server calls the user by another name",
    commands: [...bothForms("own"), debug("static", "--output=json")],
    meets: userSecrets,
    answers: (say) => ({
      version: (reply) => ({ ...reply, body: { gitVersion: `v1.34-${say()}` } }),
      review: () =>
        review({
          username: say().slice(0, 2000),
          uid: say().slice(0, 2000),
          groups: [say().slice(0, 2000)],
          extra: { [say().slice(0, 2000)]: [say().slice(0, 2000)] },
        }),
    }),
  },
  ...[1, 3, 4, 5, 7].flatMap((length) => [
    {
      name: `the API server spreads it over a list, ${length} a group`,
      commands: bothForms("own"),
      answers: (say: Say) => ({
        review: () => review({ username: "viewer", groups: elements(say, length) }),
      }),
    },
    {
      name: `the API server spreads it over keys, ${length} each`,
      commands: bothForms("own"),
      answers: (say: Say) => ({
        review: () =>
          review({
            username: "viewer",
            groups: [],
            extra: Object.fromEntries(elements(say, length).map((piece, index) => [`k${index}`, [piece]])),
          }),
      }),
    },
  ]),
  ...[5, 7].map((length) => ({
    name: `the API server numbers its pieces, ${length} a group`,
    commands: bothForms("own"),
    answers: (say: Say) => ({
      review: () => review({ username: "viewer", groups: elements(say, length, "g") }),
    }),
  })),
  ...[3, 4, 5, 7].map((length) => ({
    name: `the API server spreads it over a list from its end, ${length} a group`,
    commands: bothForms("own"),
    answers: (say: Say) => ({
      review: () => review({ username: "viewer", groups: elements(say, length).reverse() }),
    }),
  })),
  {
    name: "aws-auth repeats it",
    commands: [...bothForms("own"), ...bothForms("own", "--admin-context=static")],
    meets: userSecrets,
    answers: (say) => ({
      review: (reply) => ({ ...reply, status: 401 }),
      awsAuth: (reply) => ({
        ...reply,
        body: {
          kind: "ConfigMap",
          data: {
            mapRoles: JSON.stringify([
              { rolearn: say(), username: say(), groups: [say(), say()] },
              { rolearn: options["role-arn"], username: say(), groups: elements(say, 6) },
              { [say()]: say() },
            ]),
            maproles: say(),
            [say()
              .replace(/[^\w.-]/g, "")
              .slice(0, 200)]: say(),
          },
        },
      }),
    }),
  },
  {
    name: "aws-auth is no YAML",
    commands: bothForms("own", "--admin-context=static"),
    meets: userSecrets,
    answers: (say) => ({
      awsAuth: (reply) => ({
        ...reply,
        body: {
          kind: "ConfigMap",
          data: { mapRoles: `- rolearn: [ "${say()}\n\t- ${say()}`, mapUsers: say() },
        },
      }),
    }),
  },
];

const kinds = ["ExecCredential", "List"] as const;
const pluginCommands = [...bothForms("plugin"), debug("own", "--admin-context=plugin")];
const credential = (status: object, more: object = {}): string =>
  JSON.stringify({ kind: "ExecCredential", apiVersion: "client.authentication.k8s.io/v1", status, ...more });

const plugins: Scenario[] = [
  {
    name: "a plugin fails, with a word on stderr",
    commands: pluginCommands,
    plugin: (say) => ({ stderr: `${say()}\n${say()}\nerror: ${say()}\n`, stdout: say(), code: 1 }),
  },
  {
    name: "a plugin fails as eks-x509 does",
    commands: pluginCommands,
    plugin: (say) => ({ stderr: `eks-x509: plugin: ${say()} (PLUGIN_FAILED)\n  ${say()}\n`, code: 5 }),
  },
  {
    name: "a plugin prints lines without an end",
    commands: pluginCommands,
    plugin: (say) => ({
      stderr: `${say()} `.repeat(3000).slice(-70_000) + say().slice(0, 12),
      stdout: say(),
      code: 1,
    }),
  },
  {
    name: "a plugin prints bytes",
    commands: pluginCommands,
    plugin: (say) => ({
      stderr: Buffer.concat([
        Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x9b]),
        Buffer.from(say(), "utf16le"),
        Buffer.from(say()),
      ]),
      stdout: Buffer.concat([Buffer.from([0x00, 0xc3, 0x28]), Buffer.from(say())]),
      code: 1,
    }),
  },
  ...kinds.map((kind) => ({
    name: `a plugin returns an odd ${kind}`,
    commands: pluginCommands,
    plugin: (say: Say) => ({
      stdout: JSON.stringify({ kind, apiVersion: say(), status: { token: say(), [say()]: say() } }),
      stderr: say(),
    }),
  })),
  {
    name: "a plugin returns another kind",
    commands: pluginCommands,
    plugin: (say) => ({
      stdout: JSON.stringify({ kind: say(), apiVersion: say(), status: say(), [say()]: say() }),
    }),
  },
  {
    name: "a plugin returns an odd expiry",
    commands: pluginCommands,
    plugin: (say) => ({
      stdout: credential({ token: secrets.pluginToken.text, expirationTimestamp: say() }, { spec: say() }),
    }),
  },
  {
    name: "a plugin returns half a client certificate",
    commands: pluginCommands,
    plugin: (say) => ({ stdout: credential({ clientCertificateData: say(), clientKeyData: say() }) }),
  },
  {
    name: "a plugin prints a word before its JSON",
    commands: pluginCommands,
    plugin: (say) => ({ stdout: `${say()}\n${credential({ token: secrets.pluginToken.text })}` }),
  },
  {
    name: "a plugin's JSON is cut off",
    commands: pluginCommands,
    plugin: (say) => ({ stdout: credential({ token: say() }).slice(0, -12), stderr: say() }),
  },
  {
    name: "a plugin's token comes back from the API server",
    commands: pluginCommands,
    plugin: () => ({ stdout: credential({ token: secrets.pluginToken.text }) }),
    answers: (say) => ({
      review: () => review({ username: say().slice(0, 900), groups: elements(say, 6) }),
      accessReview: () => status(say, 403),
    }),
  },
];

const meets = [...pluginSecrets, ...userSecrets];
export const scenarios: readonly Scenario[] = [
  ...signIns,
  ...clusters,
  ...tokens,
  ...plugins.map((scenario) => ({ ...scenario, meets })),
];

/**
 * Repeats secrets, each time another one in another spelling.
 * @param spelling the first one; the only one if it `isOnly`
 */
export function saying(known: () => readonly Secret[], spelling: number, isOnly: boolean): Say {
  let said = 0;
  return () => {
    const all = known();
    const secret = all[(said + spelling) % all.length]?.text ?? "";
    const [, spell] = spellings[(spelling + (isOnly ? 0 : said)) % spellings.length] ?? [];
    said++;
    return spell?.(secret) ?? "";
  };
}
