import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { kuberc, kubercText } from "../../../../src/cli/commands/kuberc/command.ts";
import { portsWith } from "../../../ports.ts";
import { rejectionOf } from "../../../failure.ts";

describe("the kuberc", () => {
  it.each(["eks-x509", "/usr/local/bin/eks-x509", "/opt/my tools: #1/eks-x509", "C:\\Tools\\eks-x509.cmd"])(
    "lets kubectl run %s, and no other exec plugin",
    (command) => {
      expect(load(kubercText(command))).toEqual({
        apiVersion: "kubectl.config.k8s.io/v1beta1",
        kind: "Preference",
        credentialPluginPolicy: "Allowlist",
        credentialPluginAllowlist: [{ name: command }],
      });
    },
  );

  it("says for which kubectl it is, and where it belongs", () => {
    expect(kubercText("eks-x509")).toMatch(/^# For ~\/\.kube\/kuberc\. kubectl 1\.35 and later/);
  });
});

describe("eks-x509 kuberc", () => {
  async function printed(flags: Record<string, string> = {}): Promise<string> {
    let output = "";
    const root = portsWith({
      env: { HOME: "/home/alice" },
      stdout: (text) => Promise.resolve(void (output += text)),
    });
    await kuberc.run(new Flags(flags), root);
    return output;
  }

  it("names eks-x509, on PATH, or what --command gives: what update-kubeconfig writes for the same flag", async () => {
    expect(await printed()).toBe(kubercText("eks-x509"));
    expect(await printed({ command: "~/bin/eks-x509" })).toBe(kubercText("/home/alice/bin/eks-x509"));
  });

  it.each(["./eks-x509", "/usr/bin/node", "npx"])("does not let kubectl run %s", async (command) => {
    expect((await rejectionOf(printed({ command }))).code).toBe("EXEC_COMMAND_INVALID");
  });
});
