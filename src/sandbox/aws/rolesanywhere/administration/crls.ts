/** Certificate revocation lists, with which a trust anchor refuses certificates. IAM Roles Anywhere API reference, RFC 5280 §5. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { textIn } from "../../../json-value.ts";
import type { Operation } from "../../api/api-service.ts";
import { Refusal } from "../../refusal.ts";
import type { XmlContent } from "../../xml.ts";
import {
  type Kind,
  type Resource,
  changed,
  commonOperations,
  described,
  newResource,
  resourceOf,
} from "./resources.ts";

export interface Crl extends Resource {
  trustAnchorArn: string;
  /** Base64 of PEM or DER, as it was sent. */
  data: string;
  /** In lower-case hexadecimal. */
  revokedSerials: ReadonlySet<string>;
  issuer: string;
}

export function crlOperations(
  all: Crl[],
  partition: string,
  isTrustAnchor: (arn: string) => boolean,
): Readonly<Record<string, Operation>> {
  const kind: Kind<Crl> = {
    resource: "crl",
    operation: "Crl",
    member: "crl",
    words: "CRL",
    all,
    detail: ({ trustAnchorArn, data }) => ({ trustAnchorArn, crlData: data }),
  };
  const shown = (crl: Crl): XmlContent => ({ crl: described(kind, crl) });
  return {
    ...commonOperations(kind),
    ImportCrl: (call) => {
      const trustAnchorArn = textIn(call.input, "trustAnchorArn");
      if (!isTrustAnchor(trustAnchorArn)) throw invalid("Trust anchor does not exist.");
      const crl = {
        ...newResource(call, kind.resource, partition),
        trustAnchorArn,
        ...contentOf(textIn(call.input, "crlData")),
      };
      all.push(crl);
      return shown(crl);
    },
    UpdateCrl: (call) => {
      const name = textIn(call.input, "name");
      const data = textIn(call.input, "crlData");
      const values = { ...(name === "" ? {} : { name }), ...(data === "" ? {} : contentOf(data)) };
      return shown(changed(resourceOf(kind, call), values, call));
    },
  };
}

/** @throws {Refusal} ValidationException */
function contentOf(data: string): Pick<Crl, "data" | "revokedSerials" | "issuer"> {
  try {
    const { entries, issuer } = new x509.X509Crl(Buffer.from(data, "base64"));
    return {
      data,
      issuer,
      revokedSerials: new Set(entries.map(({ serialNumber }) => shortest(serialNumber))),
    };
  } catch {
    throw invalid("Invalid CRL data.");
  }
}

/** Without the zeros in front, which encodings differ in. */
export function shortest(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, "");
}

const invalid = (message: string): Refusal => new Refusal(400, "ValidationException", message);
