/** Certificates and keys that come through pipes and stdin, and a rehearsal with the intermediates in a file of their own. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { httpServer } from "../http/servers.ts";
import { intermediate, leaf, root } from "../certificates.ts";
import { expectFailure, folder, program, run } from "./program.ts";
import { alice, file, getToken, granting, mallory } from "./world.ts";
import { commandOf } from "../program-under-test.ts";

const bash = (script: string) => run(["-c", script], { command: ["bash"] });
const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");
const own = quoted(commandOf(program));
const both = file("both.pem", alice.pem + alice.keyPem);

describe("one pipe for certificate and key", () => {
  it.each([
    [
      "process substitution",
      (command: string) => `exec 9< <(cat ${both}); ${command.replaceAll("PIPE", "/dev/fd/9")}`,
    ],
    ["stdin", (command: string) => `cat ${both} | ${command.replaceAll("PIPE", "/dev/stdin")}`],
    [
      "a named pipe",
      (command: string) =>
        `mkfifo ${folder}/both; cat ${both} > ${folder}/both & ${command.replaceAll("PIPE", `${folder}/both`)}`,
    ],
  ])("signs in: %s", async (_what, script) => {
    const { origin } = await httpServer(granting);
    const flags = getToken({ certificate: "PIPE", "private-key": "PIPE", endpoint: origin });
    const { code, stdout, stderr } = await bash(script(`${own} ${quoted(flags)}`));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("ExecCredential");
  });

  it("says that they do not match, and does not wait for more, when they do not", async () => {
    const mixed = file("mixed.pem", alice.pem + mallory.keyPem);
    const flags = getToken({ certificate: "/dev/stdin", "private-key": "/dev/stdin" });
    expectFailure(await bash(`cat ${mixed} | ${own} ${quoted(flags)}`), "identity", "PRIVATE_KEY_MISMATCH");
  });
});

describe("cert inspect -", () => {
  it.each([
    ["PEM", `cat ${both}`],
    ["DER", `openssl x509 -in ${both} -outform DER`],
    ["UTF-16", `iconv -t UTF-16 ${both}`],
  ])("reads stdin: %s", async (_what, producer) => {
    const { code, stdout } = await bash(`${producer} | ${own} cert inspect -`);
    expect(code).toBe(0);
    expect(stdout).toContain("✓ fit for Roles Anywhere");
  });

  it("names stdin where it holds no certificate", async () => {
    const { code, stderr } = await bash(`echo hello | ${own} cert inspect -`);
    expect(code).toBe(3);
    expect(stderr).toContain("stdin contains no certificate");
  });
});

it("a rehearsal takes the intermediates from a file of their own", async () => {
  const ca = root("Rehearsed Root");
  const issuing = intermediate(ca, "Rehearsed Issuing");
  const mine = leaf(issuing, { name: "rehearsed" });
  const flags = [
    ...[
      "--certificate",
      file("rehearsed.pem", mine.pem),
      "--private-key",
      file("rehearsed.key", mine.keyPem),
    ],
    ...["--intermediates", file("rehearsed-chain.pem", issuing.pem)],
    ...["--trust-anchor", file("rehearsed-root.pem", ca.pem)],
  ];
  const command = [
    "sh",
    "-c",
    "$(command -v eks-x509 >/dev/null && grep -o -- '--intermediates=.*' $KUBECONFIG | head -1 | sed 's/^/echo /')",
  ];
  const { code, stdout } = await run(["sandbox", ...flags, "--", ...command]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `--intermediates=${join(folder, "rehearsed-chain.pem")}\n`,
  });
});

it("a trust anchor that CreateTrustAnchor refuses, the sandbox refuses at its start", async () => {
  const ca = root("Weak Root", { hash: "sha1" });
  const mine = leaf(ca, { name: "weak" });
  const flags = [
    ...["--certificate", file("weak.pem", mine.pem), "--private-key", file("weak.key", mine.keyPem)],
    ...["--trust-anchor", file("weak-root.pem", ca.pem)],
  ];
  const result = await run(["sandbox", ...flags, "--", "true"]);
  expectFailure(result, "usage", "SANDBOX_TRUST_ANCHOR_INVALID");
  expect(result.stderr).toContain("is signed with SHA-1");
});
