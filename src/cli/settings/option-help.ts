/** What --help, completion and docs/reference.md say of each option. A run of get-token does not load it. */
import { optionEntries, type Option, type OptionName } from "./options.ts";

interface OptionHelp {
  group: "Cluster" | "Identity" | "IAM Roles Anywhere" | "Another account" | "Cache" | "General";
  describe: string;
  /** In words. */
  default?: string;
}

function help(group: OptionHelp["group"], describe: string, byDefault?: string): OptionHelp {
  return { group, describe, ...(byDefault !== undefined && { default: byDefault }) };
}

const optionHelp: Readonly<Record<OptionName, OptionHelp>> = {
  "cluster-name": help("Cluster", "Name of the EKS cluster"),
  region: help(
    "Cluster",
    "Region of the EKS cluster; Roles Anywhere is called in the trust anchor's region",
    "the trust anchor's region",
  ),
  "cluster-servers": help(
    "Cluster",
    "Tunnels and private names of clusters that a kubeconfig names: NAME=URL, several with spaces",
  ),
  certificate: help(
    "Identity",
    "Certificate: a file in PEM, DER or PKCS#12, which can also contain the chain and the key, or a pkcs11: URI",
  ),
  "private-key": help(
    "Identity",
    "Private key of the certificate, RSA, EC or ML-DSA: a file in PEM, DER or PKCS#12, a pkcs11: URI, or ssh-agent:",
    "the certificate's file or token",
  ),
  intermediates: help(
    "Identity",
    "Intermediate certificates, PEM, if the certificate's file does not contain them",
  ),
  "password-file": help(
    "Identity",
    "File with the password of the key or the PIN of the token; its owner's alone",
  ),
  askpass: help("Identity", "Program that asks for the password or the PIN"),
  "pkcs11-module": help("Identity", "PKCS#11 module of pkcs11: URIs", "p11-kit-proxy"),
  "trust-anchor-arn": help("IAM Roles Anywhere", "Trust anchor that contains your CA"),
  "profile-arn": help("IAM Roles Anywhere", "Profile that lists the role"),
  "role-arn": help(
    "IAM Roles Anywhere",
    "Role to assume; aws-auth or an access entry maps it to a Kubernetes user",
  ),
  "session-duration": help("IAM Roles Anywhere", "Lifetime of the session, 900 to 43200 seconds", "3600"),
  "role-session-name": help(
    "IAM Roles Anywhere",
    "Name of the session, if the profile accepts one",
    "the certificate's serial number, set by AWS",
  ),
  "assume-role-arn": help(
    "Another account",
    "Second role, which the session of the first one assumes (STS AssumeRole); its sessions last an hour at most",
  ),
  "external-id": help("Another account", "External ID that the second role's trust policy requires"),
  "assume-role-session-name": help(
    "Another account",
    "Name of the second role's session",
    "the name of the first one's",
  ),
  endpoint: help(
    "IAM Roles Anywhere",
    "Endpoint of Roles Anywhere: https, or http on loopback",
    "the endpoint of the trust anchor's region",
  ),
  cache: help("Cache", "Storage for tokens and sessions: auto, keychain, keyutils, keytar or none", "auto"),
  "exec-api-version": help(
    "General",
    "Version of the ExecCredential for clients that request none: v1 or v1beta1",
    "v1",
  ),
  config: help(
    "General",
    "Config file, YAML, with these options by name",
    "eks-x509/config.yaml in the platform's config folder, if it exists",
  ),
  verbose: help("General", "Log each hop on stderr, without secrets"),
};

export const describedOptions: readonly (readonly [OptionName, Option & OptionHelp])[] = optionEntries.map(
  ([name, option]) => [name, { ...option, ...optionHelp[name] }],
);

/** Those that have no meaning without a cluster. */
const ofClusters: readonly string[] = ["cluster-name", "cluster-servers", "exec-api-version"];

/** aws_signing_helper chooses its endpoint by it. Here it only has a meaning for a cluster. */
const unusedRegion = "Accepted and not used: the trust anchor's region counts";

/** Of a command that gives the credentials of a session. */
export const sessionOptions: Readonly<Record<string, Option & OptionHelp>> = Object.fromEntries(
  describedOptions
    .filter(([name]) => !ofClusters.includes(name))
    .map(([name, option]) => [name, name === "region" ? { ...option, describe: unusedRegion } : option]),
);

/** The options that name a certificate and open its key. */
export const identityOptions = [
  "certificate",
  "private-key",
  "intermediates",
  "password-file",
  "askpass",
  "pkcs11-module",
] as const satisfies readonly OptionName[];

/** For a command that has the options of get-token from the same sources, and can do without each. */
export function optionalOptions(isChosen: (name: OptionName) => boolean) {
  const chosen = describedOptions.filter(([name]) => isChosen(name));
  return Object.fromEntries(chosen.map(([name, option]) => [name, { ...option, required: false }]));
}
