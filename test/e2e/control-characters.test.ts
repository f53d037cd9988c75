/**
 * Characters that control a terminal, reorder a line or cannot be seen, in everything that comes from outside. No command prints
 * one, begins a line with such text, or breaks its JSON by it. The rows are data: what holds the text, and which command meets it.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { from, hour, intermediate, leaf, root, type Recipe } from "../certificates.ts";
import { fromJson } from "../json.ts";
import { isThorough } from "../thorough.ts";
import {
  startServers,
  workingCluster,
  type Answers,
  type HostileServers,
  type Kind,
} from "./confidential/hostile-servers.ts";
import {
  alice,
  files,
  flags,
  startRow,
  Surroundings,
  writingFlags,
  type Outcome,
} from "./confidential/surroundings.ts";
import { textOptions } from "./text-options.ts";

/** C0, DEL, C1, separators of lines, marks of direction, what has no width, tags, and halves of a pair. */
const unseen = [
  "\u0000", "\u0007", "\u0008", "\u000b", "\u000c", "\u001b", "\u007f", "\u0080", "\u0085", "\u008d", "\u009b", "\u009d", "\u009f",
  "\u00ad", "\u061c", "\u180e", "\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069",
  "\ufeff", "\ufff9", "\u{e0001}", "\u{e0041}", "\u{e007f}",
]; // prettier-ignore
const forbidden = new RegExp(`[${unseen.join("")}\\p{Cc}\\p{Zl}\\p{Zp}\\p{Bidi_Control}\\p{Cs}]`, "u");

/** Ends its line, moves the cursor, colours, clears, and begins lines as those of this program. */
const breaks = ["\n", "\r", "\r\n", "\u2028", "\u0085", "\r\u001b[K", "\u001b[2J\u001b[1;1H", "\u009b2K"];
const injected = breaks.map((end) => `${end}INJECTED`).join("");
const hostile = `h${injected}\u001b[31m\u001b]0;t\u0007${unseen.join("x")}\ud83d y\udc4d z`;
/** What a path or a variable can hold. */
const named = hostile.replaceAll("\0", "");
/** A name that is also quoted by YAML and JSON. */
const json = (text: string): string => JSON.stringify(text);

interface Row {
  name: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  answers?: Answers;
  stdin?: string | Uint8Array;
  kubeconfig?: object | string;
}

const apiVersion = "client.authentication.k8s.io/v1";
const debug = ["token", "debug"];
const plugin = (body: string): object => ({
  apiVersion,
  command: "/bin/sh",
  args: ["-c", body],
  interactiveMode: "Never",
});
const printed = (text: string): string =>
  `printf '${[...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}'`;
const status = (code: number, message: string) => () => ({
  status: code,
  body: { kind: "Status", message, reason: message, code, __type: message, Message: message },
});
const bodyOf = (body: object) => (own: { status: number }) => ({ ...own, body });

function context(more: {
  server?: object;
  user?: object;
  context?: object;
  extra?: object;
  name?: string;
  names?: Partial<Record<"cluster" | "user", string>>;
}): object {
  const { name = "own", names: { cluster = "demo", user = "u" } = {} } = more;
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: cluster,
        cluster: {
          server: "SERVER",
          "certificate-authority-data": Buffer.from(files.ca).toString("base64"),
          ...more.server,
        },
      },
    ],
    users: [{ name: user, user: more.user ?? { token: "a-token-of-a-static-user" } }],
    contexts: [{ name, context: { cluster, user, ...more.context } }],
    "current-context": name,
    ...more.extra,
  };
}

const texts = (kind: Kind, codes: readonly number[], args: readonly string[]): Row[] =>
  codes.flatMap((code) => [
    {
      name: `the message of ${kind}, ${code}, in ${args.slice(0, 2).join(" ")}`,
      args,
      answers: { [kind]: status(code, hostile) },
    },
    {
      name: `a text as the body of ${kind}, ${code}, in ${args.slice(0, 2).join(" ")}`,
      args,
      answers: { [kind]: () => ({ status: code, body: hostile }) },
    },
  ]);

const certificates: Record<string, Recipe> = {
  expired: { name: hostile, notBefore: from(-48 * hour), notAfter: from(-hour) },
  sound: { name: hostile },
};
const issuer = intermediate(root(`Root ${hostile}`), `CA ${hostile}`);
const certificate = (name: string): string => {
  const path = join(dirname(files.certificate), `hostile-${name}.pem`);
  if (!existsSync(path))
    writeFileSync(path, leaf(issuer, { keys: alice.keys, ...certificates[name] }).pem + issuer.pem);
  return path;
};
const strange = (name: string, content: string): string => {
  const path = join(dirname(files.certificate), `folder ${named.replaceAll("/", "")}`.slice(0, 80), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o666 });
  return path;
};

const user = {
  username: hostile,
  uid: hostile,
  groups: [hostile, injected],
  extra: { [hostile]: [hostile] },
};
const rows: Row[] = [
  // Words, variables and paths.
  ...textOptions.flatMap((option, index) => {
    const all = [
      {
        name: `--${option}`,
        args: ["get-token", ...flags({ [option]: undefined }), `--${option}=${named}`, "--verbose"],
      },
      {
        name: `--${option} of token debug`,
        args: [...debug, ...flags({ [option]: undefined }), `--${option}=${named}`],
      },
      {
        name: `${option} as a variable`,
        args: ["get-token", ...flags({ [option]: undefined }), "--verbose"],
        env: { [`EKS_X509_${option.toUpperCase().replaceAll("-", "_")}`]: named },
      },
    ];
    // One way for each in the ordinary run, and all of them in the complete one.
    return isThorough ? all : all.slice(index % 3, (index % 3) + 1);
  }),
  { name: "an unknown command", args: [named] },
  { name: "an unknown flag", args: ["get-token", `--${named}=1`] },
  { name: "a word too many", args: ["get-token", ...flags(), named] },
  { name: "a shell", args: ["completion", named] },
  { name: "a program of kuberc", args: ["kuberc", "--command", named] },
  { name: "a token as a word", args: [...debug, named] },
  { name: "a token on stdin", args: [...debug, "-"], stdin: hostile },
  {
    name: "a token's URL",
    args: [
      ...debug,
      `k8s-aws-v1.${Buffer.from(`https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Credential=${hostile}&${hostile}=${hostile}`).toString("base64url")}`,
    ],
  },
  {
    name: "a token's escaped URL",
    args: [
      ...debug,
      `k8s-aws-v1.${Buffer.from(`https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Date=${encodeURIComponent(named.replace(/[\ud800-\udfff]/g, ""))}`).toString("base64url")}`,
    ],
  },
  { name: "a time", args: [...debug, "--at", named, "x"] },
  { name: "a missing context", args: [...debug, "--context", named] },
  { name: "a missing administrator's context", args: [...debug, "--admin-context", named] },
  { name: "a missing kubeconfig", args: [...debug, "--kubeconfig", named] },
  { name: "the variable KUBECONFIG", args: debug, env: { KUBECONFIG: named } },
  { name: "a missing aws-auth", args: [...debug, "--aws-auth", named] },
  {
    name: "aws-auth",
    args: [
      ...debug,
      "--aws-auth",
      strange(
        "aws-auth",
        `data:\n  ${json(hostile)}: ${json(hostile)}\n  mapRoles: ${json(`- rolearn: ${json(hostile)}\n  ${json(hostile)}: ${json(hostile)}\n`)}\n`,
      ),
    ],
  },
  {
    name: "aws-auth that is no YAML",
    args: [...debug, "--aws-auth", strange("aws-auth-broken", `data: [${hostile}`)],
  },
  {
    name: "a config file's path, which others can write",
    args: ["get-token", ...flags(), "--verbose"],
    env: { EKS_X509_CONFIG: strange("config.yaml", "region: us-west-2\n") },
  },
  {
    name: "a config file's keys",
    args: ["get-token", ...flags(), "--verbose"],
    env: { EKS_X509_CONFIG: strange("keys.yaml", `${json(hostile)}: ${json(hostile)}\n`) },
  },
  {
    name: "a config file's values",
    args: ["get-token", ...flags({ "role-arn": undefined }), "--verbose"],
    env: { EKS_X509_CONFIG: strange("values.yaml", `role-arn: ${json(hostile)}\n`) },
  },
  {
    name: "a config file that is no YAML",
    args: ["get-token", ...flags()],
    env: { EKS_X509_CONFIG: strange("broken.yaml", `a: [${hostile}`) },
  },
  ...[
    "AWS_CA_BUNDLE",
    "HTTPS_PROXY",
    "AWS_REGION",
    "AWS_ENDPOINT_URL_ROLESANYWHERE",
    "AWS_MAX_ATTEMPTS",
    "EKS_X509_LOCK_DIR",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "NO_PROXY",
    "HOME",
    "SSL_CERT_FILE",
  ].map((variable) => ({
    name: `the variable ${variable}`,
    args: ["get-token", ...flags({ region: undefined }), "--verbose", "--cache=auto"],
    env: { [variable]: named },
  })),
  {
    name: "the client's version",
    args: ["get-token", ...flags()],
    env: { KUBERNETES_EXEC_INFO: json2({ kind: "ExecCredential", apiVersion: hostile }) },
  },
  {
    name: "the client's kind",
    args: ["get-token", ...flags()],
    env: { KUBERNETES_EXEC_INFO: json2({ kind: hostile, apiVersion }) },
  },
  {
    name: "the client's cluster",
    args: ["get-token", ...flags({ "cluster-name": undefined })],
    env: {
      KUBERNETES_EXEC_INFO: json2({
        kind: "ExecCredential",
        apiVersion,
        spec: { cluster: { server: hostile, config: { "cluster-name": "demo", region: "us-west-2" } } },
      }),
    },
  },
  {
    name: "the client's extension",
    args: ["get-token", ...flags({ "cluster-name": undefined })],
    env: {
      KUBERNETES_EXEC_INFO: json2({
        kind: "ExecCredential",
        apiVersion,
        spec: {
          cluster: { server: "https://127.0.0.1", config: { "cluster-name": hostile, [hostile]: hostile } },
        },
      }),
    },
  },
  { name: "a command of the sandbox", args: ["sandbox", "--", named] },
  { name: "a name of the sandbox's cluster", args: ["sandbox", "--cluster-name", named, "--", "true"] },
  {
    name: "the sandbox's aws-auth",
    args: ["sandbox", "--aws-auth", strange("sandbox", hostile), "--", "true"],
  },
  { name: "the sandbox's temporary folder", args: ["sandbox", "--", "true"], env: { TMPDIR: named } },
  // Certificates.
  ...Object.keys(certificates).flatMap((name) => [
    { name: `the names of a certificate, ${name}`, args: ["cert", "inspect", certificate(name)] },
    {
      name: `the names of a certificate in JSON, ${name}`,
      args: ["cert", "inspect", certificate(name), "-o", "json"],
    },
    {
      name: `get-token with a certificate, ${name}`,
      args: ["get-token", ...flags({ certificate: certificate(name) }), "--verbose"],
    },
    {
      name: `token debug with a certificate, ${name}`,
      args: [...debug, ...flags({ certificate: certificate(name) })],
    },
    {
      name: `the sandbox with a certificate, ${name}`,
      args: ["sandbox", "--certificate", certificate(name), "--private-key", files.privateKey, "--", "true"],
    },
  ]),
  { name: "a certificate's path", args: ["cert", "inspect", named] },
  { name: "a certificate's path in JSON", args: ["cert", "inspect", named, "-o", "json"] },
  {
    name: "a certificate's path that exists",
    args: ["cert", "inspect", strange("a.pem", alice.pem), "-o", "json"],
  },
  { name: "a text as a certificate", args: ["cert", "inspect", "-"], stdin: hostile },
  // Servers.
  ...texts("session", [201, 400, 403, 503], ["get-token", ...flags(), "--verbose"]),
  ...texts("session", [403], debug),
  ...texts("identity", [200, 403], debug),
  ...texts("cluster", [200, 403, 404], debug),
  ...texts("cluster", [200, 403, 404], ["update-kubeconfig", ...writingFlags()]),
  ...texts("clusters", [200, 403], ["update-kubeconfig", ...flags({ "cluster-name": undefined }), "--all"]),
  ...texts("accessEntry", [200, 403], debug),
  ...texts("version", [200, 403], debug),
  ...texts("review", [201, 401, 403], debug),
  ...texts("accessReview", [201, 403], debug),
  ...texts("awsAuth", [200, 403], [...debug, "--admin-context", "static"]),
  {
    name: "the session's fields",
    args: ["get-token", ...flags(), "--verbose"],
    answers: {
      session: bodyOf({
        credentialSet: [
          {
            credentials: {
              accessKeyId: hostile,
              secretAccessKey: hostile,
              sessionToken: hostile,
              expiration: hostile,
            },
            assumedRoleUser: { arn: hostile },
            sourceIdentity: hostile,
          },
        ],
      }),
    },
  },
  {
    name: "STS's fields",
    args: debug,
    answers: {
      identity: bodyOf({
        GetCallerIdentityResponse: {
          GetCallerIdentityResult: { Account: hostile, Arn: hostile, UserId: hostile },
        },
      }),
    },
  },
  {
    name: "STS's names",
    args: debug,
    answers: {
      identity: bodyOf({
        GetCallerIdentityResponse: {
          GetCallerIdentityResult: {
            Account: "111122223333",
            Arn: `arn:aws:sts::111122223333:assumed-role/eks-read-only/${hostile}`,
            UserId: `AROAQNZGKIQY56JQ7WMLA:${hostile}`,
          },
        },
      }),
    },
  },
  {
    name: "names of clusters",
    args: ["update-kubeconfig", ...flags({ "cluster-name": undefined }), "--all"],
    answers: { clusters: bodyOf({ clusters: [hostile, "demo"] }) },
  },
  ...(
    ["name", "arn", "status", "version", "endpoint", "certificateAuthority", "accessConfig"] as const
  ).flatMap((field) => {
    const value =
      field === "certificateAuthority"
        ? { data: hostile }
        : field === "accessConfig"
          ? { authenticationMode: hostile }
          : hostile;
    const answers: Answers = {
      cluster: (own) => ({
        ...own,
        body: { cluster: { ...workingCluster, endpoint: "https://127.0.0.1:1", [field]: value } },
      }),
    };
    return [
      { name: `EKS's ${field} in token debug`, args: debug, answers },
      {
        name: `EKS's ${field} in update-kubeconfig`,
        args: ["update-kubeconfig", ...writingFlags()],
        answers,
      },
      {
        name: `EKS's ${field} in update-kubeconfig --dry-run`,
        args: ["update-kubeconfig", ...writingFlags(), "--dry-run"],
        answers,
      },
    ];
  }),
  {
    name: "an access entry",
    args: debug,
    answers: {
      accessEntry: bodyOf({
        accessEntry: {
          principalArn: hostile,
          username: hostile,
          kubernetesGroups: [hostile, injected],
          type: hostile,
        },
      }),
      cluster: (own) => ({
        ...own,
        body: {
          cluster: {
            ...workingCluster,
            endpoint: "https://127.0.0.1:1",
            accessConfig: { authenticationMode: "API" },
          },
        },
      }),
    },
  },
  { name: "the API server's version", args: debug, answers: { version: bodyOf({ gitVersion: hostile }) } },
  {
    name: "the API server's user",
    args: debug,
    answers: { review: bodyOf({ kind: "SelfSubjectReview", status: { userInfo: user } }) },
  },
  {
    name: "the API server's user of a static token",
    args: [...debug, "--context", "static"],
    answers: { review: bodyOf({ kind: "SelfSubjectReview", status: { userInfo: user } }) },
  },
  {
    name: "the reason of a review",
    args: debug,
    answers: {
      accessReview: bodyOf({
        kind: "SelfSubjectAccessReview",
        status: { allowed: false, reason: hostile, evaluationError: hostile },
      }),
    },
  },
  {
    name: "aws-auth of the cluster",
    args: [...debug, "--admin-context", "static"],
    answers: {
      awsAuth: bodyOf({
        kind: "ConfigMap",
        data: {
          [hostile]: hostile,
          mapRoles: `- rolearn: ${json(hostile)}\n  username: ${json(hostile)}\n  groups: [${json(hostile)}]\n- rolearn: arn:aws:iam::111122223333:role/eks-read-only\n  username: ${json(hostile)}\n  groups: [${json(hostile)}]\n`,
        },
      }),
    },
  },
  // Kubeconfigs.
  { name: "a context's name", args: debug, kubeconfig: context({ name: hostile }) },
  {
    name: "the names of a cluster and a user",
    args: debug,
    kubeconfig: context({ names: { cluster: hostile, user: hostile } }),
  },
  { name: "the name of a missing user", args: debug, kubeconfig: context({ context: { user: hostile } }) },
  {
    name: "the name of a missing cluster",
    args: debug,
    kubeconfig: context({ context: { cluster: hostile } }),
  },
  { name: "a server", args: debug, kubeconfig: context({ server: { server: `https://${hostile}` } }) },
  {
    name: "a server's path",
    args: debug,
    kubeconfig: context({ server: { server: `https://127.0.0.1:1/${hostile}?${hostile}` } }),
  },
  { name: "a proxy", args: debug, kubeconfig: context({ server: { "proxy-url": `http://${hostile}` } }) },
  { name: "a name for TLS", args: debug, kubeconfig: context({ server: { "tls-server-name": hostile } }) },
  {
    name: "a CA's path",
    args: debug,
    kubeconfig: context({
      server: { "certificate-authority-data": undefined, "certificate-authority": hostile },
    }),
  },
  {
    name: "a user to act as",
    args: debug,
    kubeconfig: context({
      user: {
        token: "static-token-text",
        as: hostile,
        "as-groups": [hostile],
        "as-uid": hostile,
        "as-user-extra": { [hostile]: [hostile] },
      },
    }),
  },
  {
    name: "a kind of user",
    args: debug,
    kubeconfig: context({ user: { "auth-provider": { name: hostile } } }),
  },
  { name: "a namespace", args: debug, kubeconfig: context({ context: { namespace: hostile } }) },
  {
    name: "a command's path",
    args: debug,
    kubeconfig: context({ user: { exec: { apiVersion, command: `/nowhere/${named}` } } }),
  },
  {
    name: "a command's name",
    args: debug,
    kubeconfig: context({ user: { exec: { apiVersion, command: named, installHint: hostile } } }),
  },
  {
    name: "an entry's variables",
    args: debug,
    kubeconfig: context({
      user: { exec: { ...plugin("exit 1"), env: [{ name: named.replaceAll("=", ""), value: "v" }] } },
    }),
  },
  {
    name: "an entry's apiVersion",
    args: debug,
    kubeconfig: context({ user: { exec: { ...plugin("exit 1"), apiVersion: hostile } } }),
  },
  {
    name: "an entry's interactiveMode",
    args: debug,
    kubeconfig: context({ user: { exec: { ...plugin("exit 1"), interactiveMode: hostile } } }),
  },
  {
    name: "an entry's arguments",
    args: debug,
    kubeconfig: context({
      user: {
        exec: { apiVersion, command: "eks-x509", args: [named, "get-token"], interactiveMode: "Never" },
      },
    }),
  },
  {
    name: "a plugin's stderr",
    args: debug,
    kubeconfig: context({ user: { exec: plugin(`${printed(hostile)} >&2; exit 1`) } }),
  },
  {
    name: "a plugin's stderr that names an interpreter",
    args: debug,
    kubeconfig: context({
      user: { exec: plugin(`${printed(`env: 'node${hostile}': No such file or directory`)} >&2; exit 127`) },
    }),
  },
  {
    name: "a plugin's stdout",
    args: debug,
    kubeconfig: context({ user: { exec: plugin(printed(hostile)) } }),
  },
  {
    name: "a plugin's apiVersion",
    args: debug,
    kubeconfig: context({
      user: { exec: plugin(printed(JSON.stringify({ kind: hostile, apiVersion: hostile }))) },
    }),
  },
  {
    name: "a plugin's token",
    args: debug,
    kubeconfig: context({
      user: {
        exec: plugin(
          printed(
            JSON.stringify({
              kind: "ExecCredential",
              apiVersion,
              status: { token: hostile, expirationTimestamp: hostile },
            }),
          ),
        ),
      },
    }),
  },
  { name: "a kubeconfig that is no YAML", args: debug, kubeconfig: `a: [${hostile}` },
  {
    name: "a kubeconfig of unknown fields",
    args: debug,
    kubeconfig: context({ extra: { [hostile]: hostile, apiVersion: hostile, kind: hostile } }),
  },
  {
    name: "two entries of one name",
    args: debug,
    kubeconfig: context({
      extra: {
        users: [
          { name: hostile, user: {} },
          { name: hostile, user: {} },
        ],
      },
    }),
  },
  ...[[], ["--dry-run"]].flatMap((more) => [
    {
      name: `a kubeconfig of hostile names, edited${more.join()}`,
      args: ["update-kubeconfig", ...writingFlags(), ...more],
      kubeconfig: context({
        name: hostile,
        names: { cluster: hostile, user: hostile },
        extra: { preferences: { [hostile]: hostile } },
      }),
    },
    {
      name: `a kubeconfig of unknown fields, edited${more.join()}`,
      args: ["update-kubeconfig", ...writingFlags(), ...more],
      kubeconfig: context({ extra: { apiVersion: hostile } }),
    },
    {
      name: `a kubeconfig that is no YAML, edited${more.join()}`,
      args: ["update-kubeconfig", ...writingFlags(), ...more],
      kubeconfig: `a: [${hostile}`,
    },
    {
      name: `names given to an entry${more.join()}`,
      args: ["update-kubeconfig", ...writingFlags(), "--alias", named, "--user-alias", named, ...more],
    },
    {
      name: `a program given to an entry${more.join()}`,
      args: ["update-kubeconfig", ...writingFlags(), "--command", named, ...more],
    },
    {
      name: `a proxy given to an entry${more.join()}`,
      args: ["update-kubeconfig", ...writingFlags(), "--proxy-url", `http://${named}`, ...more],
    },
    {
      name: `a comment of a kubeconfig, edited${more.join()}`,
      args: ["update-kubeconfig", ...writingFlags(), ...more],
      kubeconfig: `# ${unseen.filter((character) => character > "\u0084").join("x")}\napiVersion: v1\nkind: Config\n`,
    },
  ]),
  {
    name: "completion of contexts",
    args: ["__complete", ...debug, "--context", ""],
    kubeconfig: context({ name: hostile }),
  },
  { name: "completion of its own words", args: ["__complete", named] },
];

/** In an environment, ASCII escapes. */
function json2(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const servers: HostileServers[] = [];
afterAll(() => {
  for (const each of servers) each.close();
});

async function outcomeOf(
  { args, env, answers = {}, stdin, kubeconfig }: Row,
  index: number,
  more: readonly string[],
): Promise<Outcome> {
  const server = await startServers({ answers });
  servers.push(server);
  const surroundings = new Surroundings();
  const text =
    typeof kubeconfig === "string"
      ? kubeconfig
      : JSON.stringify(kubeconfig ?? {}).replaceAll('"SERVER"', JSON.stringify(server.url));
  const KUBECONFIG =
    kubeconfig === undefined ? surroundings.kubeconfig(server) : surroundings.write("kubeconfig", text);
  return startRow(index, {
    args: [...args, ...more],
    env: { ...surroundings.environment(server), KUBECONFIG, ...env },
    stdin,
  });
}

function problems({ stdout, stderr }: Outcome): string[] {
  return Object.entries({ stdout, stderr }).flatMap(([stream, text]) => [
    ...text.split(/\r?\n|\t/).flatMap((line) => {
      const [character] = forbidden.exec(line) ?? [];
      return character === undefined
        ? []
        : [
            `${stream} has ${JSON.stringify(character)} U+${character.codePointAt(0)?.toString(16) ?? ""} in ${JSON.stringify(line)}`,
          ];
    }),
    ...text
      .split("\n")
      .filter((line) => /^(?:[→!✓✗–] *)?INJECTED/.test(line))
      .map((line) => `${stream} begins a line: ${line}`),
  ]);
}

describe.concurrent("is not printed from", () => {
  // Every second row in the ordinary run.
  const numbered = rows.map((row, index) => ({ ...row, index }));
  it.each(numbered.filter(({ index }) => isThorough || index % 2 === 0))(
    "$name",
    async ({ index, ...row }) => {
      // token debug for people or for programs in the ordinary run, and both in the complete one.
      const forms = row.args[0] === "token" ? [[], ["-o", "json"]] : [[]];
      const taken = isThorough ? forms : forms.slice(index % forms.length).slice(0, 1);
      const outcomes = await Promise.all(taken.map((more) => outcomeOf(row, index, more)));
      expect(outcomes.flatMap(problems)).toEqual([]);
      for (const { code, stdout, stderr } of outcomes) {
        expect(code).not.toBeNull();
        expect(stderr).not.toMatch(/\(UNEXPECTED\)|node:internal| {4}at /);
        if (stdout.startsWith("{")) expect(() => fromJson(stdout)).not.toThrow();
      }
    },
  );
});
