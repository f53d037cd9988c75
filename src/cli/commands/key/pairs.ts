/** Pairs the certificates at hand with the keys at hand: in files, on tokens, in the ssh-agent. */
import { EksX509Error, settled } from "../../../foundation/errors.ts";
import type { GivenFile, NamedBytes } from "../../../foundation/ports.ts";
import { isSameKey } from "../../../identity/algorithms.ts";
import { openSigner, readCertificateFiles, type GivenCertificates } from "../../../identity/identity.ts";
import type { IdentitySources, SignerSource, TokenContents } from "../../../identity/signer.ts";
import { isElsewhere } from "../../../keys/identity-sources.ts";
import type { KeyInput } from "../../settings/input.ts";

export interface Pair {
  /** Where the key is. */
  kind: "pkcs11" | "file" | "ssh-agent";
  certificates: GivenCertificates;
  /** The path or URI of the key, if it is not that of the certificate. */
  privateKey: string | undefined;
  /** Why no key can be used. Empty for a pair. */
  reasons: readonly string[];
}

export interface AtHand {
  input: KeyInput;
  sources: IdentitySources;
  tokens: readonly TokenContents[];
}

const agent: GivenFile = { path: "ssh-agent:", source: "SSH_AUTH_SOCK" };

/** The certificate that is given, and those of the tokens. */
export async function pairsOf(atHand: AtHand): Promise<Pair[]> {
  const { input, sources, tokens } = atHand;
  const intermediates = input.intermediates && (await sources.certificates(input.intermediates).open());
  const pairs: Pair[] = [];
  if (input.certificate) {
    const certificate = await sources.certificates(input.certificate).open();
    const certificates = readCertificateFiles({ certificate, intermediates });
    pairs.push(await pairOfFile(certificates, input.certificate, atHand));
  }
  const isNew = ({ name }: NamedBytes): boolean => pairs[0]?.certificates.file.split("?")[0] !== name;
  for (const token of tokens)
    for (const certificate of token.certificates.filter(isNew)) {
      const certificates = readCertificateFiles({ certificate, intermediates });
      pairs.push(await pairOnToken(certificates, token, atHand));
    }
  return pairs;
}

async function pairOfFile(certificates: GivenCertificates, given: GivenFile, atHand: AtHand): Promise<Pair> {
  const own = await keyAt(atHand.sources.signer(given), certificates);
  if (own === true) return pair(kindOf(given), certificates, undefined);
  const isWithoutKey = own === false || own.code === "PRIVATE_KEY_MISSING";
  return pairElsewhere(certificates, atHand, isWithoutKey ? noKey : own.message);
}

const noKey = "no key for it is beside it, on a token or in the ssh-agent: use --private-key";

async function pairOnToken(
  certificates: GivenCertificates,
  token: TokenContents,
  atHand: AtHand,
): Promise<Pair> {
  const own = token.keys.some(({ publicKey }) => isFor(certificates, publicKey));
  if (own) return pair("pkcs11", certificates, undefined);
  const locked = "its token shows no key for it before the login: use --login";
  return pairElsewhere(certificates, atHand, token.isLocked ? locked : noKey);
}

/** With --private-key, a key of another token, or a key of the agent. */
async function pairElsewhere(
  certificates: GivenCertificates,
  { input: { privateKey }, sources, tokens }: AtHand,
  reason: string,
): Promise<Pair> {
  const given = privateKey && (await keyAt(sources.signer(privateKey), certificates));
  if (privateKey && given === true) return pair(kindOf(privateKey), certificates, privateKey.path);
  const onToken = tokens.flatMap(({ keys }) => keys).find(({ publicKey }) => isFor(certificates, publicKey));
  if (onToken) return pair("pkcs11", certificates, onToken.name);
  const inAgent = await keyAt(sources.signer(agent), certificates);
  if (inAgent === true) return pair("ssh-agent", certificates, agent.path);
  if (inAgent !== false && inAgent.code === "AGENT_CURVE")
    return { ...pair("ssh-agent", certificates, agent.path), reasons: [inAgent.message] };
  return {
    ...pair(kindOf({ path: certificates.file }), certificates, undefined),
    reasons: [reason, ...agentReasons(inAgent)],
  };
}

function agentReasons(inAgent: EksX509Error | false): string[] {
  const isAbsent = inAgent === false || ["AGENT_MISSING", "AGENT_KEY_MISSING"].includes(inAgent.code);
  return isAbsent ? [] : [inAgent.message];
}

export function kindOf(given: Pick<GivenFile, "path">): Pair["kind"] {
  if (!isElsewhere(given)) return "file";
  return /^pkcs11:/i.test(given.path) ? "pkcs11" : "ssh-agent";
}

function pair(kind: Pair["kind"], certificates: GivenCertificates, privateKey: string | undefined): Pair {
  return { kind, certificates, privateKey, reasons: [] };
}

function isFor({ certificates }: GivenCertificates, publicKey: Uint8Array): boolean {
  return certificates.some(({ x509 }) => isSameKey(x509, publicKey));
}

/** Whether there is a key of one of the certificates, or why it cannot be opened. A key whose password is not known here is a key. */
async function keyAt(source: SignerSource, certificates: GivenCertificates): Promise<boolean | EksX509Error> {
  const signer = await settled(openSigner(source, certificates));
  if (!(signer instanceof EksX509Error)) return isFor(certificates, signer.publicKey);
  return signer.code === "PASSWORD_NEEDED" || signer.code === "PASSWORD_WRONG" ? true : signer;
}
