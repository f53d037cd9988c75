/** The documentation is held to the program. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { optionEntries } from "../src/cli/options.ts";

const root = new URL("..", import.meta.url).pathname;
const errors = readFileSync(join(root, "docs/errors.md"), "utf8");
const readme = readFileSync(join(root, "README.md"), "utf8");

/** Literals that look like codes and are not: names of environment variables, and of Node's and AWS's own codes. */
const notOurs =
  /^(AWS_(?!AUTH_)|EKS_X509_|XDG_|NODE_|DBUS_|KUBERNETES_|KUBEBUILDER_|EAI_|UNABLE_|SELF_SIGNED|(CONFIG_MAP|NO_COLOR|DUPLICATE_KEY)$|API_AND|(ALL|NO|HTTPS?)_PROXY$|(DEPTH_ZERO|CERT|ERR|HOSTNAME|INVALID|PATH_LENGTH|SOCK|UND)_)/;

describe("docs/errors.md", () => {
  const documented = new Set([...errors.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, code]) => code));

  it("lists every code of the program, and no other", () => {
    expect([...documented].sort()).toEqual([...codesInSource()].sort());
  });

  it("lists each once", () => {
    expect(errors.match(/^\| `[A-Z0-9_]+`/gm)).toHaveLength(documented.size);
  });
});

describe("README.md", () => {
  it("names no file that is not there", () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => path);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(() => readFileSync(join(root, link)), link).not.toThrow();
  });

  it("uses only options that exist", () => {
    const flags = [...readme.matchAll(/^ +- --([a-z-]+)=/gm)].map(([, name]) => name);
    const names: string[] = optionEntries.map(([name]) => name);
    expect(flags.length).toBeGreaterThan(5);
    for (const flag of flags) expect(names).toContain(flag);
  });
});

function codesInSource(): Set<string> {
  const elsewhere = /sandbox\/(account|authenticator|kubernetes|pki)\/|cache\/keychain\//;
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  const literals = files
    .filter((path) => !elsewhere.test(path))
    .flatMap((path) => [
      ...readFileSync(join(root, "src", path), "utf8").matchAll(
        /"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|USAGE|UNEXPECTED|REDIRECTED)"/g,
      ),
    ]);
  return new Set(literals.map(([, code = ""]) => code).filter((code) => !notOurs.test(code)));
}
