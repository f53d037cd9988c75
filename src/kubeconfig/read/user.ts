/** The credential of a user: the one in its entry that client-go uses. */
import { apiVersions, type ApiVersion } from "../exec-versions.ts";
import { isGiven, isTwice, type ExecFields, type Material, type User } from "./entries.ts";
import { kubeconfigProblem, problemsOf, quoted, refuseBoth, type Problem } from "./problem.ts";

const interactiveModes = ["Never", "IfAvailable", "Always"] as const;

/** As client-go uses it. */
export interface ExecEntry extends ExecFields {
  apiVersion: ApiVersion;
  interactiveMode: (typeof interactiveModes)[number];
}

/** `exec` beside another kind has no effect: client-go never runs it. */
export type UserCredential =
  | { kind: "exec"; exec: ExecEntry }
  | { kind: "token"; token: string; exec: ExecEntry | undefined }
  | { kind: "token file"; path: string; exec: ExecEntry | undefined }
  | { kind: "user name and password"; exec: ExecEntry | undefined }
  | { kind: "client certificate"; certificate: Material; key: Material; exec: ExecEntry | undefined }
  | { kind: "auth provider" | "nothing"; exec: undefined };

export function credentialOf(user: User): UserCredential {
  const { token, tokenFile, clientCertificate: certificate, clientKey: key } = user;
  const exec = user.exec && checkedExec(user.exec, user);
  checkTogether(user);
  if (token !== "") return { kind: "token", token, exec };
  if (tokenFile !== "") return { kind: "token file", path: tokenFile, exec };
  if (hasPassword(user)) return { kind: "user name and password", exec };
  if (isGiven(certificate)) return { kind: "client certificate", certificate, key, exec };
  if (exec) return { kind: "exec", exec };
  return { kind: user.authProvider === undefined ? "nothing" : "auth provider", exec };
}

export function execOf(user: User, { kind, exec }: UserCredential): ExecEntry {
  const wrong = problemsOf("user", user);
  if (!exec)
    throw wrong(
      "KUBECONFIG_USER_WITHOUT_EXEC",
      `has no exec entry and signs in with ${kind}`,
      "Choose a context whose user has an exec entry, or add one that runs eks-x509 get-token.",
    );
  if (kind === "exec") return exec;
  throw wrong(
    "KUBECONFIG_EXEC_UNUSED",
    `has an exec entry and a ${kind}, so kubectl never runs the exec entry`,
    `Remove the ${kind} from the user's entry.`,
  );
}

function checkTogether(user: User): void {
  const { exec, authProvider, token, clientCertificate, clientKey, impersonate } = user;
  const hasCertificate = isGiven(clientCertificate);
  const wrong = problemsOf("user", user);
  refuseBoth(wrong, [
    [!!exec && authProvider !== undefined, "KUBECONFIG_AUTH_PROVIDER_AND_EXEC", "exec and auth-provider"],
    [token !== "" && hasPassword(user), "KUBECONFIG_AUTH_TWICE", "a token and a user name or password"],
    [isTwice(clientCertificate), "KUBECONFIG_CLIENT_TWICE", "client-certificate and client-certificate-data"],
    [hasCertificate && isTwice(clientKey), "KUBECONFIG_CLIENT_TWICE", "client-key and client-key-data"],
  ]);
  if (hasCertificate && !isGiven(clientKey))
    throw wrong(
      "KUBECONFIG_CLIENT_KEY_MISSING",
      "has a client certificate without its key",
      "Add client-key or client-key-data, or remove the certificate.",
    );
  const { uid, groups, extra } = impersonate;
  if (impersonate.user === "" && [uid, groups, extra].some(({ length }) => length > 0))
    throw wrong(
      "KUBECONFIG_IMPERSONATION",
      "impersonates groups, a uid or extra values without a user",
      "Add as, or remove as-groups, as-uid and as-user-extra.",
    );
}

function hasPassword({ username, password }: User): boolean {
  return username !== "" || password !== "";
}

/** @param of the user of the entry, for messages */
export function checkedExec(fields: ExecFields, of: { name: string; file: string }): ExecEntry {
  const { command, env, apiVersion, interactiveMode } = fields;
  const wrong = (...[code, what, hint]: Problem) =>
    kubeconfigProblem(code, `${of.file}: the exec entry of user ${quoted(of.name)} has ${what}`, hint);
  const mode = interactiveModes.find((known) => known === interactiveMode);
  const version = apiVersions.find((known) => known === apiVersion);
  if (command === "")
    throw wrong("KUBECONFIG_EXEC_COMMAND", "no command", "Set command to eks-x509, or to its absolute path.");
  if (env.some(({ name }) => name === ""))
    throw wrong(
      "KUBECONFIG_EXEC_ENV",
      "an environment variable without a name",
      "Each item of env has a name and a value.",
    );
  if (!version) throw wrong(...versionProblem(apiVersion));
  if (!mode && interactiveMode !== "")
    throw wrong(
      "KUBECONFIG_EXEC_MODE_UNKNOWN",
      `interactiveMode ${quoted(interactiveMode)}`,
      `Set it to ${interactiveModes.join(", ")}.`,
    );
  // api/v1/defaults.go: only the version from before the field has a default.
  if (!mode && version === "client.authentication.k8s.io/v1")
    throw wrong(
      "KUBECONFIG_EXEC_MODE_MISSING",
      "no interactiveMode, which apiVersion v1 requires",
      "Set interactiveMode: IfAvailable, or Never if the key needs no password.",
    );
  return { ...fields, apiVersion: version, interactiveMode: mode ?? "IfAvailable" };
}

function versionProblem(given: string): Problem {
  const hint = `Set it to ${apiVersions.join(" or ")}.`;
  if (given === "") return ["KUBECONFIG_EXEC_VERSION_MISSING", "no apiVersion", hint];
  if (given !== "client.authentication.k8s.io/v1alpha1")
    return [
      "KUBECONFIG_EXEC_VERSION_UNKNOWN",
      `apiVersion ${quoted(given)}, which kubectl does not support`,
      hint,
    ];
  return [
    "KUBECONFIG_EXEC_VERSION_REMOVED",
    "apiVersion v1alpha1, which kubectl 1.24 and later do not accept",
    `${hint} Old versions of the AWS CLI wrote v1alpha1. In a newer version, aws eks update-kubeconfig writes the entry again.`,
  ];
}
