/** The certificates of CAs that AWS_CA_BUNDLE names, and the number of attempts: what the environment says of HTTP. */
import { X509Certificate } from "node:crypto";
import tls from "node:tls";
import { EksX509Error, usageError } from "../foundation/errors.ts";
import type { Environment, Log, ReadFile } from "../foundation/ports.ts";

declare module "node:tls" {
  /** Node 22.15, and the runtime of the executable. */
  export function getCACertificates(type: "default"): string[];
}

interface TrustPorts {
  env: Environment;
  readFile: ReadFile;
  /** Takes a line that every user must see. */
  warn: Log;
  /** The runtime is in this program. Its BoringSSL refuses files that OpenSSL reads, and does not read NODE_EXTRA_CA_CERTS. */
  isExecutable?: boolean;
}

/**
 * AWS_CA_BUNDLE replaces Node's certificates, as with the AWS CLI. NODE_EXTRA_CA_CERTS is added to it, which Node does
 * only for its own certificates.
 * @returns undefined for Node's own certificates
 */
export async function trustStore(ports: TrustPorts): Promise<readonly string[] | undefined> {
  const { AWS_CA_BUNDLE: bundle, NODE_EXTRA_CA_CERTS: extra } = ports.env;
  if (bundle) {
    const own = await replacing(bundle, ports);
    return [...own, ...(extra && extra !== bundle ? await extraCertificates(extra, ports) : [])];
  }
  if (!extra || !ports.isExecutable) return undefined;
  const added = await extraCertificates(extra, ports);
  return added.length === 0 ? undefined : [...tls.getCACertificates("default"), ...added];
}

async function replacing(path: string, ports: TrustPorts): Promise<readonly string[]> {
  const text = await textOf(path, "AWS_CA_BUNDLE", ports);
  // OpenSSL reads the file itself, in half the time.
  const { certificates } = ports.isExecutable
    ? certificatesIn(text)
    : certificatesIn(text, /^(X509 |TRUSTED )?CERTIFICATE$/, 1);
  // With an empty list Node would trust nothing and report an error of the server's certificate.
  if (certificates.length > 0) return ports.isExecutable ? certificates : [text];
  throw usageError(
    "CA_BUNDLE_EMPTY",
    `${path} (AWS_CA_BUNDLE) contains no readable certificate in PEM`,
    "Use a file of CA certificates in PEM, or unset AWS_CA_BUNDLE.",
  );
}

/** Node reads the file too, prints what is wrong with it, and goes on. */
async function extraCertificates(path: string, ports: TrustPorts): Promise<readonly string[]> {
  const variable = "NODE_EXTRA_CA_CERTS";
  const report = (line: string): void => {
    if (ports.isExecutable) ports.warn(line);
  };
  const text = await textOf(path, variable, ports).catch((error: unknown) => {
    report(`${error instanceof EksX509Error ? error.message : path}: ${variable} is not used`);
    return "";
  });
  if (!ports.isExecutable) return text === "" ? [] : [text];
  const { certificates, isWhole } = certificatesIn(text);
  if (!isWhole)
    report(
      `certificate ${certificates.length + 1} of ${path} (${variable}) is malformed: it and those after it are not used`,
    );
  return certificates;
}

async function textOf(path: string, given: string, { readFile, warn }: TrustPorts): Promise<string> {
  const file = await readFile(path, { given, hop: "configuration", category: "usage" });
  // It decides who can answer as AWS, and so who receives a session.
  if (file.exposure !== undefined)
    warn(`${path} (${given}) ${file.exposure}, who can change what is trusted`);
  return new TextDecoder().decode(file.bytes);
}

const boundary = /(?<![^\n])-----(BEGIN|END) ([A-Z0-9 ]+)-----[\t\r ]*(?![^\n])/g;

/**
 * What OpenSSL reads of a PEM file, PEM_read_bio(3): the certificates before the first block that is malformed. A TRUSTED CERTIFICATE
 * can also be one that OpenSSL does not trust, which BoringSSL cannot express.
 */
function certificatesIn(
  text: string,
  labels = /^(X509 )?CERTIFICATE$/,
  most = Infinity,
): { certificates: readonly string[]; isWhole: boolean } {
  const certificates: string[] = [];
  let open: { label: string; start: number } | undefined;
  for (const { 0: line, 1: kind, 2: label = "", index } of text.matchAll(boundary)) {
    if (kind === "BEGIN") {
      if (open) return { certificates, isWhole: false };
      open = { label, start: index };
    } else if (open) {
      if (open.label !== label) return { certificates, isWhole: false };
      const block = text.slice(open.start, index + line.length);
      open = undefined;
      if (!labels.test(label)) continue;
      const certificate = certificateIn(block);
      if (certificate === undefined) return { certificates, isWhole: false };
      if (certificates.push(certificate) >= most) break;
    }
  }
  return { certificates, isWhole: open === undefined };
}

/** @returns in PEM; undefined if it is malformed */
function certificateIn(block: string): string | undefined {
  try {
    return new X509Certificate(block).toString();
  } catch {
    return undefined;
  }
}

/** AWS SDKs and Tools reference, "max_attempts". */
export function maxAttempts(env: Environment): number {
  const value = env["AWS_MAX_ATTEMPTS"] ?? "";
  return /^[1-9]\d?$/.test(value) ? Number(value) : 3;
}
