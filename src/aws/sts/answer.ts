/**
 * STS's answers to GetCallerIdentity and AssumeRole: JSON, which the request asks for, or XML, which is STS's default.
 * STS API reference, GetCallerIdentity, AssumeRole, and Common Errors.
 */
import { wholeSeconds } from "../../foundation/duration.ts";
import { isObject, parseJson } from "../../foundation/json.ts";
import type { Answer } from "../../http/exchange.ts";

export interface StsIdentity {
  account: string;
  arn: string;
  userId: string;
}

export interface StsError {
  code: string;
  /** Unfiltered: it can repeat the request. */
  message: string;
}

/** The API's own limit on an ARN. A user id is shorter. */
const longestField = 2048;

/** Undefined if the answer is not one of GetCallerIdentity. */
export function parseStsIdentity(body: string): StsIdentity | undefined {
  const field = fields(body, ["GetCallerIdentityResponse", "GetCallerIdentityResult"]);
  const [account = "", arn = "", userId = ""] = ["Account", "Arn", "UserId"].map(field);
  if (!/^\d{12}$/.test(account)) return undefined;
  return [arn, userId].every(isField) ? { account, arn, userId } : undefined;
}

/** Undefined fields are missing. JSON has the time in seconds, and XML as text. */
export function parseAssumedRole(body: string) {
  const result = ["AssumeRoleResponse", "AssumeRoleResult"];
  const field = fields(body, [...result, "Credentials"]);
  return {
    accessKeyId: field("AccessKeyId"),
    secretAccessKey: field("SecretAccessKey"),
    sessionToken: field("SessionToken"),
    expiration: field("Expiration"),
    arn: fields(body, [...result, "AssumedRoleUser"])("Arn"),
  };
}

/** The error of a 4xx answer; undefined if the answer does not come from STS. A gateway may throttle without an error. */
export function stsErrorIn({ status, body }: Answer): StsError | undefined {
  const error = status >= 400 && status < 500 ? parseStsError(body) : undefined;
  return error ?? (status === 429 ? { code: "Throttling", message: "" } : undefined);
}

/** Undefined if the answer does not come from STS, for example from a proxy. */
function parseStsError(body: string): StsError | undefined {
  const field = fields(body, ["Error"]);
  const code = field("Code") ?? "";
  return /^\w{1,64}$/.test(code) ? { code, message: field("Message") ?? "" } : undefined;
}

function isField(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text) && text.length <= longestField;
}

/** Seconds: later times have no date in JavaScript. */
const latest = 8.64e12;

function fields(body: string, path: readonly string[]): (name: string) => string | undefined {
  const json = parseJson(body);
  if (json === undefined) {
    const inner = path.reduce<string | undefined>((text, name) => element(text, name), body);
    return (name) => unescaped(element(inner, name));
  }
  const inner = path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), json);
  return (name) => {
    const value = isObject(inner) ? inner[name] : undefined;
    if (typeof value === "number" && Math.abs(value) < latest) return wholeSeconds(new Date(value * 1000));
    return typeof value === "string" ? value : undefined;
  };
}

/** The first element of this name. A search takes one pass; an expression would take far longer over a hostile body. */
function element(xml: string | undefined, name: string): string | undefined {
  const start = xml?.search(new RegExp(`<${name}[ >]`)) ?? -1;
  if (xml === undefined || start < 0) return undefined;
  const open = xml.indexOf(">", start) + 1;
  const close = xml.indexOf(`</${name}>`, open);
  return open === 0 || close < 0 ? undefined : xml.slice(open, close);
}

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

function unescaped(text: string | undefined): string | undefined {
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => entities[entity] ?? entity);
}
