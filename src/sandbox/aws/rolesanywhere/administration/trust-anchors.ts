/** Trust anchors: CreateTrustAnchor and its siblings. IAM Roles Anywhere API reference. */
import { EksX509Error } from "../../../../foundation/errors.ts";
import { readTrustAnchor } from "../../../sandbox-certificates.ts";
import { type JsonObject, isJsonObject, listIn, objectIn, textIn } from "../../../json-value.ts";
import type { Call, Operation } from "../../api/api-service.ts";
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

export interface TrustAnchor extends Resource {
  /** PEM of the CA certificates at which a leaf's path must end. */
  certificates: string;
  /** The CA of AWS Private CA whose certificate it is. */
  acmPcaArn: string | undefined;
  notificationSettings: readonly NotificationSetting[];
}

type NotificationSetting = Record<"event" | "channel" | "configuredBy", string> & {
  enabled: boolean;
  threshold: number;
};

interface TrustAnchorsOptions {
  all: TrustAnchor[];
  partition: string;
  /** PEM of an active CA of AWS Private CA; undefined if there is none. */
  acmPcaCertificate: (arn: string) => string | undefined;
}

export function trustAnchorOperations(options: TrustAnchorsOptions): Readonly<Record<string, Operation>> {
  const kind: Kind<TrustAnchor> = {
    resource: "trust-anchor",
    operation: "TrustAnchor",
    member: "trustAnchor",
    words: "trust anchor",
    all: options.all,
    detail: settingsOf,
  };
  const shown = (anchor: TrustAnchor): XmlContent => ({ trustAnchor: described(kind, anchor) });
  return {
    ...commonOperations(kind),
    CreateTrustAnchor: (call) => {
      const anchor = {
        ...newResource(call, kind.resource, options.partition),
        ...sourceIn(objectIn(call.input, "source"), options),
        notificationSettings: withDefaults(settingsIn(call)),
      };
      options.all.push(anchor);
      return shown(anchor);
    },
    UpdateTrustAnchor: (call) => shown(changed(resourceOf(kind, call), changesIn(call.input, options), call)),
    PutNotificationSettings: (call) => {
      const anchor = resourceOf(kind, call);
      return shown(changed(anchor, { notificationSettings: withDefaults(settingsIn(call)) }, call));
    },
    ResetNotificationSettings: (call) => {
      const reset = listIn(call.input, "notificationSettingKeys").map((key) =>
        isJsonObject(key) ? textIn(key, "event") : "",
      );
      const anchor = resourceOf(kind, call);
      const kept = anchor.notificationSettings.filter(({ event }) => !reset.includes(event));
      return shown(changed(anchor, { notificationSettings: withDefaults(kept) }, call));
    },
  };
}

function settingsOf({ certificates, acmPcaArn, notificationSettings }: TrustAnchor): XmlContent {
  const source =
    acmPcaArn === undefined
      ? { sourceType: "CERTIFICATE_BUNDLE", sourceData: { x509CertificateData: certificates } }
      : { sourceType: "AWS_ACM_PCA", sourceData: { acmPcaArn } };
  return { source, notificationSettings };
}

function changesIn(input: JsonObject, options: TrustAnchorsOptions): Partial<TrustAnchor> {
  const name = textIn(input, "name");
  const source = input["source"] === undefined ? {} : sourceIn(objectIn(input, "source"), options);
  return name === "" ? source : { ...source, name };
}

/** @throws {Refusal} ValidationException for a CA that a trust anchor cannot have */
function sourceIn(
  source: JsonObject,
  { acmPcaCertificate }: TrustAnchorsOptions,
): Pick<TrustAnchor, "certificates" | "acmPcaArn"> {
  const data = objectIn(source, "sourceData");
  if (source["sourceType"] === "AWS_ACM_PCA") {
    const acmPcaArn = textIn(data, "acmPcaArn");
    const certificates = acmPcaCertificate(acmPcaArn);
    if (certificates !== undefined) return { certificates: accepted(certificates), acmPcaArn };
    throw invalid(`Invalid ACM PCA ARN: ${acmPcaArn}`);
  }
  if (source["sourceType"] !== "CERTIFICATE_BUNDLE") throw invalid("Source type is not supported.");
  return { certificates: accepted(textIn(data, "x509CertificateData")), acmPcaArn: undefined };
}

function accepted(pem: string): string {
  try {
    return readTrustAnchor(pem);
  } catch (error) {
    throw error instanceof EksX509Error
      ? invalid("Incorrect basic constraints for CA certificate", error.message)
      : error;
  }
}

const invalid = (message: string, why?: string): Refusal =>
  new Refusal(400, "ValidationException", message, why);

function settingsIn({ input }: Call): NotificationSetting[] {
  return listIn(input, "notificationSettings")
    .filter(isJsonObject)
    .map((setting) => ({
      event: textIn(setting, "event"),
      channel: "ALL",
      enabled: setting["enabled"] === true,
      threshold: typeof setting["threshold"] === "number" ? setting["threshold"] : 45,
      configuredBy: textIn(setting, "configuredBy"),
    }));
}

/** Roles Anywhere user guide, "Notification settings": both events, 45 days ahead, unless they are set. */
export function withDefaults(settings: readonly NotificationSetting[]): NotificationSetting[] {
  return ["CA_CERTIFICATE_EXPIRY", "END_ENTITY_CERTIFICATE_EXPIRY"].map(
    (event) =>
      settings.find((each) => each.event === event) ?? {
        event,
        channel: "ALL",
        enabled: true,
        threshold: 45,
        configuredBy: "rolesanywhere.amazonaws.com",
      },
  );
}
