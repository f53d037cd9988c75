// Other programs for the same purpose. For those of the table below, the path is enough: their arguments are written here.
//   npm run bench -- /path/to/aws_signing_helper
import { basename } from "node:path";

/** The rows of each program: `(path, world) => subjects`. Caches of its own are warm before a row is measured. */
const peers = { aws_signing_helper: signingHelper };

/**
 * @param world `env` and `flags` of the plugin's entry in the kubeconfig, and `token`, the key on SoftHSM, or undefined
 * @returns undefined for a program that is not in the table
 */
export function peerSubjects(text, world) {
  const name = basename(text);
  return Object.hasOwn(peers, name) ? peers[name](text, world) : undefined;
}

/** It has no cache: each run is one CreateSession. */
function signingHelper(path, { env, flags, token }) {
  const { certificate, "private-key": file, region } = flags;
  const arns = ["trust-anchor-arn", "profile-arn", "role-arn"].map((name) => [name, flags[name]]);
  const options = {
    ...{ certificate, intermediates: certificate, region, ...Object.fromEntries(arns) },
    endpoint: env.AWS_ENDPOINT_URL_ROLESANYWHERE,
  };
  // Go reads the CAs that it trusts from SSL_CERT_FILE.
  const own = { ...env, SSL_CERT_FILE: env.AWS_CA_BUNDLE, SSL_CERT_DIR: "/nonexistent" };
  const row = (what, key, added = {}) => ({
    name: `aws_signing_helper, ${what}`,
    command: () => [path, "credential-process", ...words({ ...options, ...key })],
    env: { ...own, ...added },
  });
  const onToken = token && { "private-key": token.uri, "pkcs11-lib": token.module };
  return [
    row("key file", { "private-key": file }),
    ...(token ? [row("key on SoftHSM", onToken, token.env)] : []),
  ];
}

function words(options) {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}
