/** The documentation is held to the program. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { commands } from "../src/cli/commands.ts";
import { debugHops } from "../src/debug/report/report.ts";
import { exitCodes } from "../src/foundation/errors.ts";
import { faultCode, faultKinds } from "../src/http/faults.ts";
import { clusterEntries } from "../src/kubeconfig/edit/cluster-entries.ts";

const root = new URL("..", import.meta.url).pathname;
const documents = [
  "README.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  "front/README.md",
  ...filesIn("docs", ".md"),
];
const errors = textOf("docs/errors.md");

/** Literals that look like codes and are not: names of environment variables, and of Node's, YAML's and AWS's own codes. */
const notOurs =
  /^(AWS_(?!AUTH_)|EKS_X509_|XDG_|NODE_|DBUS_|KUBERNETES_|KUBEBUILDER_|EAI_|CKR?_|SSH_|UNABLE_|SELF_SIGNED|(CERTIFICATE_BUNDLE|CONFIG_MAP|CREDENTIALS_DIRECTORY|NO_COLOR|NOTIFY_SOCKET|DUPLICATE_KEY|QUOTE_DOUBLE|QUOTE_SINGLE|(PROFILE|ROLE|TRUST_ANCHOR)_ARN)$|API_AND|(ALL|NO|HTTPS?)_PROXY$|(DEPTH_ZERO|CERT|ERR|HOSTNAME|INVALID|PATH_LENGTH|SOCK|UND)_)/;

describe("docs/errors.md", () => {
  const documented = new Set([...errors.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, code]) => code));

  it("lists every code of the program, and no other", () => {
    expect([...documented].sort()).toEqual([...new Set([...codesInSource(), ...codesOfFaults()])].sort());
  });

  it("lists each once", () => {
    expect(errors.match(/^\| `[A-Z0-9_]+`/gm)).toHaveLength(documented.size);
  });

  it("is what its script makes of the table of codes", () => {
    expect(() =>
      execFileSync(process.execPath, ["scripts/errors-page.js", "--check"], { cwd: root }),
    ).not.toThrow();
  });

  it("gives a cause and a cure for each", () => {
    for (const row of errors.match(/^\| `[A-Z0-9_]+`.*$/gm) ?? []) expect(row).not.toMatch(/\|\s+\|/);
  });

  it("has a section for every exit code", () => {
    for (const code of Object.values(exitCodes)) expect(errors).toContain(`\n## ${code}: `);
  });
});

describe("docs/token-debug.md", () => {
  it("describes the hops, in their order", () => {
    const [, rest = ""] = textOf("docs/token-debug.md").split("\n## The hops\n");
    const [section = ""] = rest.split("\n## ");
    expect([...section.matchAll(/^### `([a-z-]+)`/gm)].map(([, hop]) => hop)).toEqual(debugHops);
  });
});

describe.each(documents)("%s", (document) => {
  it("names no file that is not there", () => {
    const links = [...textOf(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = ""]) => path);
    for (const link of links) expect(existsSync(join(root, dirname(document), link)), link).toBe(true);
  });

  it("names no section that is not there", () => {
    for (const [, path = "", section] of textOf(document).matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)) {
      const target = path === "" ? document : join(dirname(document), path);
      expect(sectionsOf(textOf(target)), `${target}#${section}`).toContain(section);
    }
  });

  it("shows only commands and options that exist", () => {
    for (const words of commandLines(textOf(document))) expect(unknownIn(words), words.join(" ")).toEqual([]);
  });
});

describe("README.md", () => {
  const readme = textOf("README.md");

  it("is one page", () => {
    expect(readme.split(/\s+/).length).toBeLessThanOrEqual(900);
  });

  it("shows how each of these is used", () => {
    const shown = commandLines(readme).map(([command]) => command);
    expect(shown).toEqual(expect.arrayContaining(["sandbox", "update-kubeconfig"]));
  });

  it("shows the users entry that update-kubeconfig writes", () => {
    const [, block = ""] = /```yaml\n(users:[^`]+)```/.exec(readme) ?? [];
    const options = [...block.matchAll(/^ +- --([a-z-]+)=(.*)$/gm)].map(
      ([, name = "", value = ""]): [string, string] => [name, value],
    );
    expect(parse(block)).toEqual({ users: [withoutWords(writtenUser(options))] });
  });
});

function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The anchors that GitHub gives the headings. */
function sectionsOf(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replace(/ /g, "-"),
  );
}

function filesIn(folder: string, ending: string): string[] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return paths.filter((path) => path.endsWith(ending)).map((path) => `${folder}/${path}`);
}

/** The words behind `eks-x509` on each line of a shell block; not those behind `--`, a `|` or a `#`. */
function commandLines(markdown: string): string[][] {
  const blocks = [...markdown.matchAll(/```sh\n([^`]+)```/g)].map(([, block = ""]) => block);
  const lines = blocks.flatMap((block) => block.replace(/\\\n\s*/g, " ").split("\n"));
  return lines.flatMap((line) => {
    const [, words] = /(?:^|\$\(| )eks-x509 ([^|#)]*)/.exec(line) ?? [];
    return words === undefined ? [] : [words.split(" -- ", 1).join().trim().split(/\s+/)];
  });
}

/** What the table of commands does not have of them. */
function unknownIn(words: readonly string[]): string[] {
  const command = commands.find(({ path }) => path.every((word, index) => words[index] === word));
  if (!command) return [words.join(" ")];
  const flags = words.flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
  return flags.filter((flag) => !(flag in command.options) && flag !== "help");
}

function writtenUser(options: readonly (readonly [string, string])[]): unknown {
  const role = { roleArn: "arn:aws:iam::111122223333:role/eks-read-only", roleName: "eks-read-only" };
  const cluster = { arn: "", tokenName: "demo", region: "us-west-2", endpoint: "", certificateAuthority: "" };
  const names = { alias: undefined, userAlias: undefined, proxyUrl: undefined };
  const form = { execApiVersion: "v1", command: "eks-x509", inlineArgs: false, isCurrent: true } as const;
  return clusterEntries(cluster, { ...role, options }, { ...form, ...names }).user;
}

/** The README leaves out the words of the installHint. */
function withoutWords(user: unknown): unknown {
  return JSON.parse(JSON.stringify(user).replace(/"installHint":"[^"]*"/, '"installHint":"…"'));
}

/** Put together of a service and a cause. */
function codesOfFaults(): string[] {
  const services = ["Roles Anywhere", "STS", "EKS", "the API server"] as const;
  return services.flatMap((service) => faultKinds.map((kind) => faultCode(service, kind)));
}

function codesInSource(): Set<string> {
  const elsewhere = /sandbox\/(aws|cluster\/authenticator|cluster\/embedded-api|pki)\/|cache\/keychain\//;
  const literals = filesIn("src", ".ts")
    .filter((path) => !elsewhere.test(path))
    .flatMap((path) => [
      ...textOf(path).matchAll(/"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|USAGE|UNEXPECTED|REDIRECTED)"/g),
    ]);
  const ofFront = filesIn("front/src", ".rs").flatMap((path) => [
    ...textOf(path).matchAll(/\(([A-Z]+(?:_[A-Z]+)+)\)\\n/g),
  ]);
  return new Set(
    [...literals, ...ofFront].map(([, code = ""]) => code).filter((code) => !notOurs.test(code)),
  );
}
