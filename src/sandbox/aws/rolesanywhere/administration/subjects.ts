/** The subjects that have created sessions, with the certificates that Roles Anywhere has seen of them. API reference, SubjectDetail. */
import { textIn } from "../../../json-value.ts";
import type { Operation } from "../../api/api-service.ts";
import { Refusal } from "../../refusal.ts";
import type { XmlContent } from "../../api/xml.ts";
import { ofRegion, page } from "./resources.ts";

export interface Subject {
  id: string;
  arn: string;
  x509Subject: string;
  createdAt: Date;
  lastSeenAt: Date;
  credentials: Credential[];
}

interface Credential {
  serialNumber: string;
  issuer: string;
  /** PEM. */
  certificate: string;
  seenAt: Date;
  failed: boolean;
}

export function subjectOperations(all: readonly Subject[]): Readonly<Record<string, Operation>> {
  return {
    ListSubjects: (call) => page("subjects", ofRegion(all, call.region), call, summary),
    GetSubject: ({ input, region }) => {
      const id = textIn(input, "subjectId");
      const subject = ofRegion(all, region).find((each) => each.id === id);
      if (!subject)
        throw new Refusal(404, "ResourceNotFoundException", `The subject with id ${id} was not found.`);
      return {
        subject: {
          ...summary(subject),
          credentials: subject.credentials.map(credential),
          instanceProperties: [],
        },
      };
    },
  };
}

function summary({ id, arn, x509Subject, createdAt, lastSeenAt }: Subject): XmlContent {
  return {
    subjectId: id,
    subjectArn: arn,
    enabled: true,
    x509Subject,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    updatedAt: lastSeenAt.toISOString(),
  };
}

function credential({ serialNumber, issuer, certificate, seenAt, failed }: Credential): XmlContent {
  return {
    serialNumber,
    issuer,
    x509CertificateData: certificate,
    seenAt: seenAt.toISOString(),
    enabled: true,
    failed,
  };
}

/** The certificate of a session that is created now. */
export function noteSubject(all: Subject[], seen: Pick<Subject, "arn" | "x509Subject"> & Credential): void {
  const { arn, x509Subject, ...found } = seen;
  const id = arn.split("/").at(-1) ?? "";
  const known = all.find((each) => each.arn === arn);
  const subject = known ?? {
    id,
    arn,
    x509Subject,
    createdAt: found.seenAt,
    lastSeenAt: found.seenAt,
    credentials: [],
  };
  if (!known) all.push(subject);
  subject.lastSeenAt = found.seenAt;
  const others = subject.credentials.filter(({ certificate }) => certificate !== found.certificate);
  subject.credentials = [...others, found];
}
