/** Certificate revocation lists, with which a trust anchor refuses certificates. IAM Roles Anywhere API reference, RFC 5280 §5. */
import { type Crl as List, readCrls } from "../../../../identity/fitness/crl.ts";
import { textIn } from "../../../json-value.ts";
import type { Operation } from "../../api/api-service.ts";
import { Refusal } from "../../refusal.ts";
import type { XmlContent } from "../../api/xml.ts";
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
  lists: readonly List[];
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
function contentOf(data: string): Pick<Crl, "data" | "lists"> {
  const lists = readCrls({ name: "crlData", bytes: Buffer.from(data, "base64") });
  if (!lists) throw invalid("Invalid CRL data.");
  return { data, lists };
}

const invalid = (message: string): Refusal => new Refusal(400, "ValidationException", message);
