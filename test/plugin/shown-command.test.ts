import { expect, it } from "vitest";
import { shownCommand } from "../../src/plugin/shown-command.ts";

it.each([
  ["aws", ["eks", "get-token", "--cluster-name", "demo"], "aws eks get-token --cluster-name demo"],
  ["/opt/my tool", ["a b", ""], '"/opt/my tool" "a b" ""'],
  [
    "kubelogin",
    ["get-token", "--client-secret", "hunter2", "-v"],
    "kubelogin get-token --client-secret *** -v",
  ],
  [
    "kubelogin",
    ["--client-secret=hunter2", "--password", "-v"],
    "kubelogin --client-secret=*** --password -v",
  ],
  ["kubelogin", ["--oidc-issuer-url=https://a:b@c/d?e=f"], "kubelogin --oidc-issuer-url=https://***@c/d?***"],
  ["eks-x509", ["get-token", "--private-key=/home/a/k.pem"], "eks-x509 get-token --private-key=***"],
])("%s %j is shown as %s", (command, args, shown) => {
  expect(shownCommand({ command, args })).toBe(shown);
});
