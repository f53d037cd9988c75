/** The credential of a user: the one in its entry that client-go uses. */
import { apiVersions, type ApiVersion } from "../exec-versions.ts";
import type { ExecCommand, ExecFields, Impersonation, Material, User } from "./entries.ts";
import { kubeconfigProblem, quoted } from "./problem.ts";

const interactiveModes = ["Never", "IfAvailable", "Always"] as const;

/** As client-go uses it. */
export interface ExecEntry extends ExecCommand {
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
  | { kind: "auth provider"; provider: string; exec: undefined }
  | { kind: "nothing"; exec: undefined };

/** @throws EksX509Error KUBECONFIG_EXEC_…, KUBECONFIG_AUTH_…, KUBECONFIG_CLIENT_…, KUBECONFIG_IMPERSONATION */
export function credentialOf(user: User): UserCredential {
  const exec = user.exec && checkedExec(user.exec, user);
  checkTogether(user);
  if (user.token !== "") return { kind: "token", token: user.token, exec };
  if (user.tokenFile !== "") return { kind: "token file", path: user.tokenFile, exec };
  if (hasPassword(user)) return { kind: "user name and password", exec };
  if (isGiven(user.clientCertificate))
    return { kind: "client certificate", certificate: user.clientCertificate, key: user.clientKey, exec };
  if (exec) return { kind: "exec", exec };
  if (user.authProvider !== undefined)
    return { kind: "auth provider", provider: user.authProvider, exec: undefined };
  return { kind: "nothing", exec: undefined };
}

/**
 * The exec entry that kubectl runs.
 * @throws EksX509Error KUBECONFIG_USER_WITHOUT_EXEC, KUBECONFIG_EXEC_UNUSED
 */
export function execOf(user: User, credential: UserCredential): ExecEntry {
  if (credential.kind === "exec") return credential.exec;
  if (credential.exec)
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_UNUSED",
      `${whose(user)} has an exec entry and a ${credential.kind}, so kubectl never runs the exec entry`,
      `Remove the ${credential.kind} from the user's entry.`,
    );
  throw kubeconfigProblem(
    "KUBECONFIG_USER_WITHOUT_EXEC",
    `${whose(user)} has no exec entry and signs in with ${credential.kind}`,
    "Choose a context whose user has an exec entry, or add one that runs eks-x509 get-token.",
  );
}

function checkTogether(user: User): void {
  const { exec, authProvider, token, clientCertificate, clientKey, impersonate } = user;
  if (exec && authProvider !== undefined)
    throw kubeconfigProblem(
      "KUBECONFIG_AUTH_PROVIDER_AND_EXEC",
      `${whose(user)} has both exec and auth-provider`,
      "Remove auth-provider: kubectl refuses both.",
    );
  if (token !== "" && hasPassword(user))
    throw kubeconfigProblem(
      "KUBECONFIG_AUTH_TWICE",
      `${whose(user)} has both a token and a user name or password`,
      "Remove one of them: kubectl refuses both.",
    );
  if (isGiven(clientCertificate)) checkPair(user, clientCertificate, clientKey);
  if (impersonate.user === "" && impersonatesMore(impersonate))
    throw kubeconfigProblem(
      "KUBECONFIG_IMPERSONATION",
      `${whose(user)} impersonates groups, a uid or extra values without a user`,
      "Add as, or remove as-groups, as-uid and as-user-extra.",
    );
}

function checkPair(user: User, certificate: Material, key: Material): void {
  if (!isGiven(key))
    throw kubeconfigProblem(
      "KUBECONFIG_CLIENT_KEY_MISSING",
      `${whose(user)} has a client certificate without its key`,
      "Add client-key or client-key-data, or remove the certificate.",
    );
  for (const [name, { path, data }] of [
    ["client-certificate", certificate] as const,
    ["client-key", key] as const,
  ])
    if (path !== "" && data.length > 0)
      throw kubeconfigProblem(
        "KUBECONFIG_CLIENT_TWICE",
        `${whose(user)} has both ${name} and ${name}-data`,
        "Remove one of them: kubectl refuses both.",
      );
}

function impersonatesMore({ uid, groups, extra }: Impersonation): boolean {
  return [uid, groups, extra].some(({ length }) => length > 0);
}

function hasPassword({ username, password }: User): boolean {
  return username !== "" || password !== "";
}

function isGiven({ path, data }: Material): boolean {
  return path !== "" || data.length > 0;
}

function whose({ file, name }: User): string {
  return `${file}: user ${quoted(name)}`;
}

/**
 * @param of the user of the entry, for messages
 * @throws EksX509Error KUBECONFIG_EXEC_…
 */
export function checkedExec(fields: ExecFields, of: { name: string; file: string }): ExecEntry {
  const whose = `${of.file}: the exec entry of user ${quoted(of.name)}`;
  if (fields.command === "")
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_COMMAND",
      `${whose} has no command`,
      "Set command to eks-x509, or to its absolute path.",
    );
  if (fields.env.some(({ name }) => name === ""))
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_ENV",
      `${whose} has an environment variable without a name`,
      "Each item of env has a name and a value.",
    );
  const apiVersion = checkedVersion(fields.apiVersion, whose);
  return { ...fields, apiVersion, interactiveMode: checkedMode(fields.interactiveMode, apiVersion, whose) };
}

const versionHint = `Set it to ${apiVersions.join(" or ")}.`;

function checkedVersion(given: string, whose: string): ApiVersion {
  const known = apiVersions.find((version) => version === given);
  if (known) return known;
  if (given === "")
    throw kubeconfigProblem("KUBECONFIG_EXEC_VERSION_MISSING", `${whose} has no apiVersion`, versionHint);
  if (given === "client.authentication.k8s.io/v1alpha1")
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_VERSION_REMOVED",
      `${whose} has apiVersion v1alpha1, which kubectl 1.24 and later do not accept`,
      `${versionHint} Old versions of the AWS CLI wrote v1alpha1. In a newer version, aws eks update-kubeconfig writes the entry again.`,
    );
  throw kubeconfigProblem(
    "KUBECONFIG_EXEC_VERSION_UNKNOWN",
    `${whose} has apiVersion ${quoted(given)}, which kubectl does not support`,
    versionHint,
  );
}

function checkedMode(given: string, apiVersion: ApiVersion, whose: string): ExecEntry["interactiveMode"] {
  const known = interactiveModes.find((mode) => mode === given);
  if (known) return known;
  if (given !== "")
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_MODE_UNKNOWN",
      `${whose} has interactiveMode ${quoted(given)}`,
      `Set it to ${interactiveModes.join(", ")}.`,
    );
  // api/v1/defaults.go: only the version from before the field has a default.
  if (apiVersion === "client.authentication.k8s.io/v1beta1") return "IfAvailable";
  throw kubeconfigProblem(
    "KUBECONFIG_EXEC_MODE_MISSING",
    `${whose} has no interactiveMode, which apiVersion v1 requires`,
    "Set interactiveMode: Never. eks-x509 asks for nothing.",
  );
}
