/** A hint fits the command that prints it: those without kubectl name nothing of a kubeconfig. */
import { describe, expect, it } from "vitest";
import { keyPair } from "../certificates.ts";
import { runHere } from "../e2e/in-process.ts";
import { alice, file, options } from "../e2e/world.ts";

const encrypted = alice.keys.privateKey.export({
  format: "pem",
  type: "pkcs8",
  cipher: "aes-256-cbc",
  passphrase: "secret",
});
const other = keyPair("p256", "another").privateKey.export({ format: "pem", type: "pkcs8" });

const broken: Record<string, [change: Record<string, string | undefined>, code: string]> = {
  "a missing option": [{ "role-arn": undefined }, "OPTION_MISSING"],
  "all missing": [
    Object.fromEntries(Object.keys(options).map((name) => [name, undefined])),
    "OPTION_MISSING",
  ],
  "a missing file": [{ certificate: "/nowhere/alice.pem" }, "FILE_MISSING"],
  "a URI in place of a file": [
    { "private-key": file("locked.key", encrypted), "password-file": "pkcs11:token=x" },
    "FILE_IS_PKCS11_URI",
  ],
  "a locked key": [{ "private-key": file("locked.key", encrypted) }, "PASSWORD_NEEDED"],
  "another key": [{ "private-key": file("other.key", other) }, "PRIVATE_KEY_MISMATCH"],
  "a broken config file": [{ config: file("broken.yaml", "frob: 1\n") }, "CONFIG_FILE_UNKNOWN_KEY"],
  "an ARN of another kind": [{ "role-arn": options["profile-arn"] }, "ARN_INVALID"],
  "no second role": [{ "external-id": "ours:1" }, "ASSUME_ROLE_MISSING"],
  "a session name": [{ "role-session-name": "!" }, "SESSION_NAME_INVALID"],
};

const commands = [["credential-process"], ["serve", "--port=0"], ["update-aws-config", "--profile=dev"]];
const ofKubectl = /kubectl|kubeconfig|provideClusterInfo|extension|interactiveMode|inline-args|cluster-name/i;

describe.each(commands)("%s", (...command) => {
  it.each(Object.entries(broken))("%s", async (_, [change, code]) => {
    const values: Record<string, string | undefined> = { ...options, "cluster-name": undefined, ...change };
    const flags = Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    );
    const env = { HOME: "/proc/self/nowhere", EKS_X509_CACHE: "none" };
    const { stdout, stderr } = await runHere({ args: [...command, ...flags], env, program: "x", cwd: "/" });
    expect(stdout).toBe("");
    expect(stderr).toContain(`(${code})`);
    expect(stderr).not.toMatch(ofKubectl);
  });
});
