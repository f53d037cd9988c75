/** The calls of AWS Private CA with which a CA is created, gets its certificate, and issues others. AWS Private CA API reference. */
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { type JsonObject, objectIn, textIn } from "../../json-value.ts";
import { parseArn } from "../arn.ts";
import type { Call, Operation } from "../api/api-service.ts";
import { epochSeconds } from "../api/epoch-seconds.ts";
import { Refusal } from "../refusal.ts";
import type { XmlContent } from "../api/xml.ts";
import {
  type CertificateAuthority,
  type Issuance,
  type Status,
  fits,
  isKeyAlgorithm,
  isSigningAlgorithm,
  issue,
  newKeys,
  templateOf,
} from "./certificate-authority.ts";
import { notAfterOf } from "./validity.ts";

export function authorityOperations(
  all: CertificateAuthority[],
  partition: string,
): Readonly<Record<string, Operation>> {
  const find = (call: Call): CertificateAuthority => authorityOf(all, call);
  return {
    CreateCertificateAuthority: oncePerToken(async (call) => {
      const authority = await newAuthority(call, partition);
      all.push(authority);
      return { CertificateAuthorityArn: authority.arn };
    }),
    DescribeCertificateAuthority: (call) => ({ CertificateAuthority: described(find(call)) }),
    ListCertificateAuthorities: ({ region }) => ({
      CertificateAuthorities: all.filter((each) => isIn(region, each)).map(described),
    }),
    GetCertificateAuthorityCsr: (call) => ({ Csr: find(call).csr }),
    UpdateCertificateAuthority: (call) => changeStatus(find(call), call),
    DeleteCertificateAuthority: (call) => {
      const authority = find(call);
      if (authority.status === "ACTIVE")
        throw invalidState("The certificate authority must be disabled before it can be deleted.");
      if (authority.status === "DELETED") throw invalidState("The certificate authority is deleted already.");
      authority.deleted = {
        from: authority.status,
        restorableUntil: new Date(call.at.getTime() + daysToRestore(call) * 86_400_000),
      };
      return setStatus(authority, "DELETED", call);
    },
    RestoreCertificateAuthority: (call) => restored(find(call), call),
    ...certificateOperations(find),
  };
}

function certificateOperations(
  find: (call: Call) => CertificateAuthority,
): Readonly<Record<string, Operation>> {
  return {
    IssueCertificate: oncePerToken(async (call) => {
      const authority = find(call);
      const certificate = await issue(authority, issuanceIn(authority, call));
      const serial = new x509.X509Certificate(certificate).serialNumber;
      const arn = `${authority.arn}/certificate/${serial.toLowerCase()}`;
      authority.issued.set(arn, certificate);
      return { CertificateArn: arn };
    }),
    GetCertificate: (call) => {
      const authority = find(call);
      const arn = textIn(call.input, "CertificateArn");
      const certificate = authority.issued.get(arn);
      if (certificate === undefined)
        throw new Refusal(400, "ResourceNotFoundException", `Could not find certificate with ARN ${arn}.`);
      const { own } = authority;
      return {
        Certificate: trimmed(certificate),
        CertificateChain: own && trimmed(own.certificate + own.chain),
      };
    },
    ImportCertificateAuthorityCertificate: (call) => {
      const authority = find(call);
      authority.own = certificateFor(authority, call.input);
      return setStatus(authority, "ACTIVE", call);
    },
    GetCertificateAuthorityCertificate: (call) => {
      const { own } = find(call);
      if (!own) throw invalidState("The certificate authority has no certificate.");
      return { Certificate: trimmed(own.certificate), CertificateChain: trimmed(own.chain) || undefined };
    },
  };
}

/** A call with an idempotency token that is repeated within five minutes creates nothing, and gets the first answer. */
function oncePerToken(operation: Operation): Operation {
  const answers = new Map<string, { at: Date; answer: ReturnType<Operation> }>();
  return (call) => {
    const token = textIn(call.input, "IdempotencyToken");
    if (token === "") return operation(call);
    const key = [call.region, textIn(call.input, "CertificateAuthorityArn"), token].join(" ");
    const known = answers.get(key);
    if (known && call.at.getTime() - known.at.getTime() < 300_000) return known.answer;
    const answer = operation(call);
    answers.set(key, { at: call.at, answer });
    return answer;
  };
}

/** It gets the status that it had before. */
function restored(authority: CertificateAuthority, call: Call): XmlContent {
  const { deleted } = authority;
  if (authority.status !== "DELETED" || !deleted || deleted.restorableUntil <= call.at)
    throw invalidState("The certificate authority is not in the correct state to be restored.");
  authority.deleted = undefined;
  return setStatus(authority, deleted.from, call);
}

/** 7 to 30, and 30 if nobody says it. */
function daysToRestore({ input }: Call): number {
  const days = input["PermanentDeletionTimeInDays"];
  return typeof days === "number" ? days : 30;
}

/** PEM of an active CA, with its chain; undefined for another one. */
export function activeCertificate(all: readonly CertificateAuthority[], arn: string): string | undefined {
  const authority = all.find((each) => each.arn === arn && each.status === "ACTIVE");
  return authority?.own?.certificate;
}

/** @throws {Refusal} InvalidArgsException */
async function newAuthority(
  { input, at, region, caller }: Call,
  partition: string,
): Promise<CertificateAuthority> {
  const configuration = objectIn(input, "CertificateAuthorityConfiguration");
  const keyAlgorithm = textIn(configuration, "KeyAlgorithm");
  const signingAlgorithm = textIn(configuration, "SigningAlgorithm");
  if (!isKeyAlgorithm(keyAlgorithm) || !isSigningAlgorithm(signingAlgorithm))
    throw invalidArgs("The sandbox creates CAs with RSA and ECDSA keys only.");
  if (!fits(signingAlgorithm, keyAlgorithm))
    throw invalidArgs("The signing algorithm does not match the key algorithm.");
  const subject = nameIn(objectIn(configuration, "Subject"));
  if (subject.length === 0) throw invalidArgs("The subject must not be empty.");
  return {
    arn: `arn:${partition}:acm-pca:${region}:${caller.accountId}:certificate-authority/${randomUUID()}`,
    type: input["CertificateAuthorityType"] === "ROOT" ? "ROOT" : "SUBORDINATE",
    status: "PENDING_CERTIFICATE",
    createdAt: at,
    changedAt: at,
    configuration,
    keyAlgorithm,
    signingAlgorithm,
    ...(await newKeys(subject, keyAlgorithm, signingAlgorithm)),
    own: undefined,
    deleted: undefined,
    issued: new Map(),
  };
}

/** The attributes in the order in which AWS Private CA encodes them. */
const attributes: Readonly<Record<string, string>> = {
  Country: "C",
  Organization: "O",
  OrganizationalUnit: "OU",
  DistinguishedNameQualifier: "2.5.4.46",
  State: "ST",
  CommonName: "CN",
  SerialNumber: "2.5.4.5",
  Locality: "L",
  Title: "2.5.4.12",
  Surname: "SN",
  GivenName: "G",
  Initials: "I",
};

function nameIn(subject: JsonObject): x509.JsonName {
  return Object.entries(attributes).flatMap(([member, type]) => {
    const value = textIn(subject, member);
    return value === "" ? [] : [{ [type]: [value] }];
  });
}

/** @throws {Refusal} */
function issuanceIn(authority: CertificateAuthority, { input, at }: Call): Issuance {
  const templateArn = textIn(input, "TemplateArn") || "arn:aws:acm-pca:::template/EndEntityCertificate/V1";
  const template = templateOf(templateArn);
  if (!template) throw invalidArgs(`The sandbox does not have the template ${templateArn}.`);
  const isForItself =
    authority.status === "PENDING_CERTIFICATE" && authority.type === "ROOT" && template.kind === "authority";
  if (authority.status !== "ACTIVE" && !isForItself) throw cannotIssue(authority);
  const signing = textIn(input, "SigningAlgorithm");
  if (!isSigningAlgorithm(signing) || !fits(signing, authority.keyAlgorithm))
    throw invalidArgs("The signing algorithm does not match the key algorithm of the CA.");
  const csr = requestIn(input);
  if (isForItself && !isOfSameKey(csr, authorityRequest(authority))) throw cannotIssue(authority);
  // AWS Private CA user guide: an hour back, for clocks that are behind.
  const notBefore = new Date(at.getTime() - 3_600_000);
  return { csr, template, signing, notBefore, notAfter: endOf(authority, input, at) };
}

function cannotIssue({ arn }: CertificateAuthority): Refusal {
  return invalidState(`The certificate authority ${arn} is not in the correct state to issue certificates.`);
}

/** @throws {Refusal} for an end in the past, or after that of the CA */
function endOf(authority: CertificateAuthority, input: JsonObject, at: Date): Date {
  const notAfter = notAfterOf(objectIn(input, "Validity"), at);
  if (!notAfter || notAfter <= at) throw invalidArgs("The validity is in the past or has no valid date.");
  const end = authority.own && new x509.X509Certificate(authority.own.certificate).notAfter;
  if (end && notAfter > end) {
    const message = `The certificate validity specified exceeds the certificate authority validity (${end.toISOString()}).`;
    throw new Refusal(400, "ValidationException", message);
  }
  return notAfter;
}

function requestIn(input: JsonObject): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(textIn(input, "Csr"), "base64").toString("utf8"));
  } catch {
    throw new Refusal(400, "MalformedCSRException", "The certificate signing request is malformed.");
  }
}

/** @throws {Refusal} MalformedCertificateException, CertificateMismatchException, InvalidStateException */
function certificateFor(authority: CertificateAuthority, input: JsonObject): CertificateAuthority["own"] {
  if (authority.status !== "PENDING_CERTIFICATE")
    throw invalidState(
      "The certificate authority is not in the correct state to have a certificate imported.",
    );
  const certificate = pemIn(input, "Certificate");
  if (!isOfSameKey(parse(certificate), authorityRequest(authority)))
    throw new Refusal(
      400,
      "CertificateMismatchException",
      "The certificate does not match the private key of the CA.",
    );
  return { certificate, chain: pemIn(input, "CertificateChain") };
}

const authorityRequest = ({ csr }: CertificateAuthority): x509.Pkcs10CertificateRequest =>
  new x509.Pkcs10CertificateRequest(csr);

type Keyed = Pick<x509.X509Certificate, "publicKey">;

function isOfSameKey(one: Keyed, other: Keyed): boolean {
  return Buffer.from(one.publicKey.rawData).equals(Buffer.from(other.publicKey.rawData));
}

function parse(pem: string): x509.X509Certificate {
  try {
    return new x509.X509Certificate(pem);
  } catch {
    throw new Refusal(400, "MalformedCertificateException", "The certificate is malformed.");
  }
}

function pemIn(input: JsonObject, member: string): string {
  const text = Buffer.from(textIn(input, member), "base64").toString("utf8").trim();
  return text === "" ? "" : `${text}\n`;
}

/** AWS Private CA returns PEM without a line feed at its end. */
function trimmed(pem: string): string {
  return pem.trimEnd();
}

function changeStatus(authority: CertificateAuthority, call: Call): XmlContent {
  const status = textIn(call.input, "Status");
  if (status === "") return {};
  if (status !== "ACTIVE" && status !== "DISABLED") throw invalidArgs(`The status ${status} cannot be set.`);
  if (authority.status !== "ACTIVE" && authority.status !== "DISABLED")
    throw invalidState("The certificate authority is not in the correct state to be updated.");
  return setStatus(authority, status, call);
}

function setStatus(authority: CertificateAuthority, status: Status, { at }: Call): XmlContent {
  authority.status = status;
  authority.changedAt = at;
  return {};
}

/** @throws {Refusal} ResourceNotFoundException */
function authorityOf(all: readonly CertificateAuthority[], { input, region }: Call): CertificateAuthority {
  const arn = textIn(input, "CertificateAuthorityArn");
  const authority = all.find((each) => each.arn === arn && isIn(region, each));
  if (authority) return authority;
  throw new Refusal(
    400,
    "ResourceNotFoundException",
    `Could not find Certificate Authority with ARN ${arn}.`,
  );
}

function isIn(region: string, { arn }: CertificateAuthority): boolean {
  return parseArn(arn)?.region === region;
}

function described(authority: CertificateAuthority): XmlContent {
  const { arn, type, status, createdAt, changedAt, configuration, own, deleted } = authority;
  const certificate = own && new x509.X509Certificate(own.certificate);
  return {
    Arn: arn,
    OwnerAccount: parseArn(arn)?.account,
    CreatedAt: epochSeconds(createdAt),
    LastStateChangeAt: epochSeconds(changedAt),
    Type: type,
    Serial: certificate && BigInt(`0x${certificate.serialNumber}`).toString(),
    Status: status,
    NotBefore: certificate && epochSeconds(certificate.notBefore),
    NotAfter: certificate && epochSeconds(certificate.notAfter),
    CertificateAuthorityConfiguration: configurationOf(configuration),
    RestorableUntil: deleted && epochSeconds(deleted.restorableUntil),
    KeyStorageSecurityStandard: "FIPS_140_2_LEVEL_3_OR_HIGHER",
    UsageMode: "GENERAL_PURPOSE",
  };
}

function configurationOf(configuration: JsonObject): XmlContent {
  const subject = objectIn(configuration, "Subject");
  const given = Object.keys(attributes).filter((name) => textIn(subject, name) !== "");
  return {
    KeyAlgorithm: textIn(configuration, "KeyAlgorithm"),
    SigningAlgorithm: textIn(configuration, "SigningAlgorithm"),
    Subject: Object.fromEntries(given.map((name) => [name, textIn(subject, name)])),
  };
}

const invalidArgs = (message: string): Refusal => new Refusal(400, "InvalidArgsException", message);
const invalidState = (message: string): Refusal => new Refusal(400, "InvalidStateException", message);
