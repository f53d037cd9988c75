/** Keys of an ssh-agent: draft-ietf-sshm-ssh-agent. An agent signs any bytes, so it can sign for Roles Anywhere too. */
import { createPublicKey, type KeyObject } from "node:crypto";
import { connect, type Socket } from "node:net";
import { EksX509Error, errorsOf } from "../foundation/errors.ts";
import { systemCode } from "../foundation/system-error.ts";
import { areEqual, keyFromDer } from "../identity/algorithms.ts";
import type { Signer } from "../identity/signer.ts";
import { verifiedSignature } from "../identity/verified-signature.ts";
import { sequence } from "../identity/asn1.ts";
import { integer } from "./ecdsa-signature.ts";

const failure = errorsOf("identity", "private-key");

const SSH_AGENT_FAILURE = 5;
const SSH_AGENTC_REQUEST_IDENTITIES = 11;
const SSH_AGENT_IDENTITIES_ANSWER = 12;
const SSH_AGENTC_SIGN_REQUEST = 13;
const SSH_AGENT_SIGN_RESPONSE = 14;
const SSH_AGENT_RSA_SHA2_256 = 2;

/** Milliseconds. Its user may be asked to confirm (`ssh-add -c`), or to touch a key. */
const longestQuestion = 60_000;
/** OpenSSH's own bound. */
const longestMessage = 256 * 1024;

interface Agent {
  /** Of its socket. */
  path: string;
  patience: number;
}

interface AgentKey {
  blob: Buffer;
  comment: string;
  /** Undefined for a kind that does not serve. */
  key: KeyObject | undefined;
  type: string;
}

/**
 * @param publicKeys of the certificates at hand, SubjectPublicKeyInfo in DER
 * @param patience milliseconds for each answer
 * @throws EksX509Error AGENT_…
 */
export async function agentSigner(
  path: string,
  publicKeys: readonly Uint8Array[],
  patience = longestQuestion,
): Promise<Signer> {
  const agent = { path, patience };
  const { blob, comment, type, key } = await usableKey(agent, publicKeys);
  const isRsa = type === "ssh-rsa";
  const about = {
    algorithm: isRsa ? "AWS4-X509-RSA-SHA256" : "AWS4-X509-ECDSA-SHA256",
    description: `the agent's key ${JSON.stringify(comment.slice(0, 100))}`,
  } as const;
  return {
    ...about,
    publicKey: key.export({ type: "spki", format: "der" }),
    warnings: [],
    facts: () => [
      ["kept in", `the ssh-agent at ${path}`],
      ["key", `${type} ${JSON.stringify(comment.slice(0, 100))}`],
    ],
    sign: async (bytes) => {
      const flags = uint32(isRsa ? SSH_AGENT_RSA_SHA2_256 : 0);
      const body = Buffer.concat([string(blob), string(bytes), flags]);
      const answer = await ask(agent, SSH_AGENTC_SIGN_REQUEST, body);
      if (answer.type !== SSH_AGENT_SIGN_RESPONSE) throw await refusal(agent, blob);
      const signature = signatureOf(path, answer.body, isRsa);
      return verifiedSignature({ ...about, bytes, signature, publicKey: key });
    },
  };
}

async function usableKey(
  agent: Agent,
  publicKeys: readonly Uint8Array[],
): Promise<AgentKey & { key: KeyObject }> {
  const keys = await identities(agent);
  const wanted = publicKeys.map(keyFromDer);
  const curve = wanted[0]?.asymmetricKeyDetails?.namedCurve;
  const found = keys.find(({ key }) => key !== undefined && wanted.some((one) => areEqual(one, key)));
  if (!found?.key) throw keyMissing(agent.path, keys);
  if (found.type !== "ssh-rsa" && found.type !== "ecdsa-sha2-nistp256")
    throw failure(
      "AGENT_CURVE",
      `the agent at ${agent.path} signs with ${curve ?? found.type} over another hash than SHA-256, which Roles Anywhere wants`,
      "Use an RSA key or one on P-256 with an agent, or the key's file.",
    );
  return { ...found, key: found.key };
}

/** RFC 4253 §6.6, RFC 8332 §3, RFC 5656 §3.1.2. */
function signatureOf(path: string, body: Buffer, isRsa: boolean): Buffer {
  const signature = new Fields(new Fields(body, path).string(), path);
  const format = signature.string().toString();
  if (format !== (isRsa ? "rsa-sha2-256" : "ecdsa-sha2-nistp256"))
    throw broken(path, `a signature of type ${JSON.stringify(format.slice(0, 40))}`);
  const value = signature.string();
  if (isRsa) return value;
  const numbers = new Fields(value, path);
  return sequence([integer(numbers.string()), integer(numbers.string())]);
}

async function identities(agent: Agent): Promise<AgentKey[]> {
  const { path } = agent;
  const { type, body } = await ask(agent, SSH_AGENTC_REQUEST_IDENTITIES, Buffer.alloc(0));
  if (type !== SSH_AGENT_IDENTITIES_ANSWER) throw locked(path);
  const fields = new Fields(body, path);
  const count = Math.min(fields.uint32(), 2_048);
  return Array.from({ length: count }, () => {
    const [blob, comment] = [fields.string(), fields.string().toString()];
    const parts = new Fields(blob, path);
    const kind = parts.string().toString();
    return { blob, comment, type: kind, key: publicKey(kind, parts) };
  });
}

/** RFC 4253 §6.6: `ssh-rsa`, e, n. RFC 5656 §3.1: the curve's name, Q. */
function publicKey(type: string, parts: Fields): KeyObject | undefined {
  const base64url = (bytes: Buffer): string => bytes.toString("base64url");
  try {
    if (type === "ssh-rsa") {
      const [e, n] = [parts.string(), parts.string()].map((one) => one.subarray(one[0] === 0 ? 1 : 0));
      if (!e || !n) return undefined;
      return createPublicKey({ format: "jwk", key: { kty: "RSA", e: base64url(e), n: base64url(n) } });
    }
    const curve = /^ecdsa-sha2-nistp(256|384|521)$/.exec(type)?.[1];
    if (curve === undefined) return undefined;
    parts.string();
    const point = parts.string();
    const half = (point.length - 1) / 2;
    const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)].map(base64url);
    if (x === undefined || y === undefined) return undefined;
    return createPublicKey({ format: "jwk", key: { kty: "EC", crv: `P-${curve}`, x, y } });
  } catch {
    return undefined;
  }
}

function string(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Reads RFC 4251 §5's types one after the other. */
class Fields {
  #at = 0;
  readonly #bytes: Buffer;
  readonly #path: string;
  constructor(bytes: Buffer, path: string) {
    this.#bytes = bytes;
    this.#path = path;
  }

  uint32(): number {
    if (this.#at + 4 > this.#bytes.length) throw broken(this.#path, "a message that is cut short");
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  string(): Buffer {
    const length = this.uint32();
    if (this.#at + length > this.#bytes.length) throw broken(this.#path, "a message that is cut short");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

interface Message {
  type: number;
  body: Buffer;
}

/** One connection for each request: agents of password managers close it after the answer. */
async function ask({ path, patience }: Agent, type: number, body: Buffer): Promise<Message> {
  const socket = connect(path);
  const timer = setTimeout(() => socket.destroy(unanswered(path, patience)), patience);
  try {
    await connected(socket, path);
    socket.write(Buffer.concat([uint32(body.length + 1), Buffer.from([type]), body]));
    return await message(socket, path);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function connected(socket: Socket, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) => {
      const cause = systemCode(error);
      const isAbsent = ["ENOENT", "ECONNREFUSED"].includes(cause);
      reject(
        error instanceof EksX509Error
          ? error
          : failure(
              "AGENT_MISSING",
              isAbsent
                ? `no ssh-agent listens at ${path}`
                : `no ssh-agent can be reached at ${path} (${cause})`,
              'Start one, and add the key: eval "$(ssh-agent)"; ssh-add FILE',
            ),
      );
    });
  });
}

async function message(socket: Socket, path: string): Promise<Message> {
  let bytes = Buffer.alloc(0);
  try {
    const input: AsyncIterable<Buffer> = socket;
    for await (const chunk of input) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 4) continue;
      const length = bytes.readUInt32BE(0);
      if (length === 0 || length > longestMessage) throw broken(path, `a message of ${length} bytes`);
      if (bytes.length >= 4 + length)
        return { type: bytes[4] ?? SSH_AGENT_FAILURE, body: bytes.subarray(5, 4 + length) };
    }
  } catch (error) {
    if (error instanceof EksX509Error) throw error;
  }
  throw broken(path, "nothing");
}

function keyMissing(path: string, keys: readonly AgentKey[]): EksX509Error {
  if (keys.length === 0) return locked(path);
  const names = keys
    .slice(0, 10)
    .map(({ type, comment }) => `${type} ${JSON.stringify(comment.slice(0, 60))}`);
  return failure(
    "AGENT_KEY_MISSING",
    `the ssh-agent at ${path} does not have the key of the certificate; it has ${names.join(", ")}`,
    "Add it: ssh-add FILE. If it was added with ssh-add -t, its time is over.",
  );
}

/** The protocol has one answer for every failure. The list of keys shows whether the agent was locked, or lost the key, meanwhile. */
async function refusal(agent: Agent, blob: Buffer): Promise<EksX509Error> {
  const keys = await identities(agent);
  if (!keys.some((key) => key.blob.equals(blob))) return keyMissing(agent.path, keys);
  return failure(
    "AGENT_REFUSED",
    `the ssh-agent at ${agent.path} has the key, and refused to sign with it`,
    "If it was added with ssh-add -c, the agent asks before each signature: answer yes. The agent needs SSH_ASKPASS and a display for that. A key of a card needs its card.",
  );
}

/** OpenSSH's agent shows no key while it is locked, and others answer with a failure. */
function locked(path: string): EksX509Error {
  return failure(
    "AGENT_LOCKED",
    `the ssh-agent at ${path} shows no key: it is locked, or empty`,
    "Unlock it: ssh-add -X. If ssh-add -l still lists no key, add it: ssh-add FILE",
  );
}

function unanswered(path: string, patience: number): EksX509Error {
  return failure(
    "AGENT_UNANSWERED",
    `the ssh-agent at ${path} has not answered for ${patience / 1000} seconds`,
    "It may ask you to confirm the use of the key, or to touch the card: answer there, and try again.",
  );
}

function broken(path: string, what: string): EksX509Error {
  return failure("AGENT_FAILED", `the ssh-agent at ${path} answered ${what}`, "Start it again.");
}
