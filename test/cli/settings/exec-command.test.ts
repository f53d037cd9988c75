import { expect, it } from "vitest";
import { execCommand } from "../../../src/cli/settings/exec-command.ts";
import { codeOf } from "../../failure.ts";
import { machineIn } from "../../ports.ts";

const machine = machineIn({ HOME: "/home/alice" });

it.each([
  ["eks-x509-1.2", "eks-x509-1.2"],
  ["/usr/local/bin/eks-x509", "/usr/local/bin/eks-x509"],
  ["~/bin/eks-x509", "/home/alice/bin/eks-x509"],
  ["eks-x509.cmd", "eks-x509.cmd"],
  ["/opt/node20/bin/eks-x509", "/opt/node20/bin/eks-x509"],
  ["kubectl-eks_x509", "kubectl-eks_x509"],
  ["shell-wrapper", "shell-wrapper"],
])("--command may be %s", (command, written) => {
  expect(execCommand(command, machine)).toBe(written);
});

it.each([
  "node",
  "/usr/bin/node",
  "npx",
  "npx.cmd",
  "C:npx",
  "bin/eks-x509",
  "./eks-x509",
  "eks-x509 --verbose",
  "",
  "/bin/a\nb",
  ".",
  "..",
  "-eks",
  "--help",
  "/",
  "/x/",
  "/usr/bin/..",
  "~/",
  "/usr/bin/env",
  "env",
  "/bin/dash",
  "bash",
  "python3",
  "/usr/bin/python3.11",
  "/usr/bin/node20",
  "node-22",
  "Node.EXE",
  "nodejs",
  "deno",
  "bunx",
  "busybox",
  "perl5.36",
  "sudo",
])("--command may not be %j", (command) => {
  expect(codeOf(() => execCommand(command, machine))).toBe("EXEC_COMMAND_INVALID");
});
