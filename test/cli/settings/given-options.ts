/** Random settings that are right, from flags, environment, cluster extension and config file, and the files that they name. */
import fc from "fast-check";
import { optionEntries, type OptionName } from "../../../src/cli/settings/options.ts";
import { formatRecord } from "../../../src/exec/cluster-server.ts";
import { intermediate, leaf, root } from "../../certificates.ts";
import { sha256 } from "../../ports.ts";

const issuer = intermediate(root());
const alice = leaf(issuer, { name: "alice" });
const clusterNames = ["one", "two", "007", "1e3"];
const server = "https://127.0.0.1:18443";
const uuids = ["3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab", "9d6c3b5e-8a1f-4c2e-9b7d-0123456789ab"];
const rolesAnywhere = (kind: string) =>
  fc.constantFrom(...uuids).map((uuid) => `arn:aws:rolesanywhere:us-west-2:123456789012:${kind}/${uuid}`);

/** With a second role there are two calls, which test/sign-in/second-role.test.ts looks at. */
type OfSecondRole = "assume-role-arn" | "external-id" | "assume-role-session-name";

type Varied = Exclude<
  OptionName,
  "config" | "cluster-servers" | "cache" | "verbose" | "exec-api-version" | OfSecondRole
>;

/** Right values, several of each, so that sources differ. */
const valuesIn = (folder: string): Record<Varied, fc.Arbitrary<string>> => ({
  "cluster-name": fc.constantFrom(...clusterNames),
  region: fc.constantFrom("us-west-2", "eu-central-1"),
  certificate: fc.constantFrom(`${folder}/a.pem`, `${folder}/b.pem`, "~/c.pem"),
  "private-key": fc.constantFrom(`${folder}/a.key`, `${folder}/b.key`),
  intermediates: fc.constantFrom(`${folder}/chain.pem`, `${folder}/issuer.pem`),
  "trust-anchor-arn": rolesAnywhere("trust-anchor"),
  "profile-arn": rolesAnywhere("profile"),
  "role-arn": fc.constantFrom("one", "two").map((name) => `arn:aws:iam::123456789012:role/${name}`),
  "session-duration": fc.constantFrom("900", "3600", "43200"),
  "role-session-name": fc.constantFrom("alice", "a=b"),
  "password-file": fc.constantFrom(`${folder}/a.pin`, "~/b.pin"),
  askpass: fc.constantFrom("/usr/bin/ask", "ask"),
  "pkcs11-module": fc.constantFrom("/usr/lib/a.so", "/usr/lib/b.so"),
  endpoint: fc.constantFrom("https://one.example", "http://127.0.0.1:1"),
});

/** The files that the settings of a folder name, and the record of their clusters' servers. */
export function filesIn(folder: string, home: string): Record<string, string> {
  return {
    [`${folder}/a.pem`]: alice.pem,
    [`${folder}/b.pem`]: `${alice.pem}\n`,
    [`${home}/c.pem`]: `\n${alice.pem}`,
    [`${folder}/a.key`]: alice.keyPem,
    [`${folder}/b.key`]: `${alice.keyPem}\n`,
    [`${folder}/chain.pem`]: issuer.pem,
    [`${folder}/issuer.pem`]: `${issuer.pem}\n`,
    [`${home}/.config/eks-x509/cluster-servers`]: formatRecord(
      clusterNames.map((clusterName) => ({ clusterName, server, authorityHash: sha256("") })),
    ),
  };
}

/** KUBERNETES_EXEC_INFO with the cluster's extension. */
export function execInfo(config: Given["extension"]): string {
  const apiVersion = "client.authentication.k8s.io/v1";
  return JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { cluster: { server, config } } });
}

export interface Given {
  flags: string[];
  env: Record<string, string>;
  extension: Record<string, string>;
  file: Record<string, string>;
  /** What of it should count: flag, environment, extension, file. */
  expected: Partial<Record<OptionName, string>>;
}

type Source = "flag" | "own variable" | "extension" | "AWS variable" | "file";

const own = (variables: readonly string[]) => variables.filter((name) => name.startsWith("EKS_X509_"));
const ambient = (variables: readonly string[]) => variables.filter((name) => name.startsWith("AWS_"));

/** Each option from any of its sources, some from several. */
export function givenIn(folder: string): fc.Arbitrary<Given> {
  const valueOf = valuesIn(folder);
  return fc
    .tuple(
      ...optionEntries
        .filter(([name]) => name in valueOf)
        .map(([name, { env, inFile, inExtension, required }]) => {
          const sources: Source[] = [
            "flag",
            ...(own(env).length > 0 ? (["own variable"] as const) : []),
            ...(inExtension ? (["extension"] as const) : []),
            ...(ambient(env).length > 0 ? (["AWS variable"] as const) : []),
            ...(inFile ? (["file"] as const) : []),
          ];
          const value = Object.entries(valueOf).find(([known]) => known === name)?.[1] ?? fc.constant("");
          return fc
            .subarray(sources, { minLength: required || name === "private-key" ? 1 : 0 })
            .chain((some) =>
              fc.record({
                name: fc.constant(name),
                values: fc.tuple(...some.map((source) => value.map((text) => ({ source, text })))),
                variables: fc.record({
                  "own variable": fc.constantFrom(...own(env)),
                  "AWS variable": fc.constantFrom(...(ambient(env).length > 0 ? ambient(env) : [""])),
                }),
                separate: fc.boolean(),
              }),
            );
        }),
    )
    .map((all) => {
      const result: Given = { flags: [], env: {}, extension: {}, file: {}, expected: {} };
      for (const { name, values, variables, separate } of all) {
        // Sources are in the order in which they count.
        if (values[0]) result.expected[name] = values[0].text;
        for (const { source, text } of values) {
          if (source === "flag")
            result.flags.push(...(separate ? [`--${name}`, text] : [`--${name}=${text}`]));
          else if (source === "own variable" || source === "AWS variable")
            result.env[variables[source]] = text;
          else result[source][name] = text;
        }
      }
      return result;
    });
}

/** The same settings for a command that reads no cluster's extension: those of the extension are flags. */
export function withoutExtension(given: Given): Given {
  const flags = Object.entries(given.extension).map(([name, value]) => `--${name}=${value}`);
  return { ...given, flags: [...given.flags, ...flags] };
}
