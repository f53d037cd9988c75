/** `--allow subject.OU=Platform`: which certificates the trust policy lets in, by the tags that Roles Anywhere derives from them. */
import { isStandard } from "../identity/names.ts";
import { lengthOf, longestTag, tagCharacters } from "../identity/session-identity.ts";

export interface AllowedAttribute {
  /** `x509Subject/OU`. */
  tag: string;
  value: string;
  /** Whether the value has wildcards, so that it is compared with StringLike. */
  isPattern: boolean;
}

/** Why a text is none. It completes "--allow TEXT …". */
export class AllowProblem {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

const fields: Readonly<Record<string, string>> = {
  subject: "x509Subject",
  issuer: "x509Issuer",
  san: "x509SAN",
};

export function allowedIn(text: string): AllowedAttribute | AllowProblem {
  const [, fieldName = "", specifier = "", value = ""] = /^(\w+)\.([\w./]+)=(.*)$/s.exec(text) ?? [];
  const field = Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
  if (field === undefined)
    return new AllowProblem("is not of the form subject.OU=VALUE, issuer.CN=VALUE or san.URI=VALUE");
  const path = field === "x509SAN" ? alternativeName(specifier) : attribute(specifier);
  if (path === undefined)
    return new AllowProblem(`names ${specifier}, of which Roles Anywhere makes no tag of the ${fieldName}`);
  const why = namesOfTools.includes(path.split("/").at(-1) ?? "")
    ? `names ${specifier}, and AWS does not document how it names the tag of this attribute`
    : problemOf(value);
  if (why !== undefined) return new AllowProblem(why);
  return { tag: `${field}/${path}`, value, isPattern: /[*?]/.test(value) };
}

function problemOf(value: string): string | undefined {
  if (value === "") return "has no value";
  if (/^[*?]+$/.test(value)) return "lets in every value";
  const isTag = tagCharacters.test(value.replace(/[*?]/g, "")) && lengthOf(value) <= longestTag;
  return isTag ? undefined : "has a value that no session tag can have, so no certificate would be let in";
}

/** Tools use different names for these attributes. */
const namesOfTools = ["SN", "SERIALNUMBER", "T", "GN", "E"];

/** Names of RFC 4514 and of tools, or a dotted OID. */
function attribute(type: string): string | undefined {
  if (/^\d+(\.\d+)+$/.test(type)) return type;
  const name = type.toUpperCase();
  return namesOfTools.includes(name) || isStandard({ type: name }) ? name : undefined;
}

function alternativeName(specifier: string): string | undefined {
  const [kind = "", ...rest] = specifier.split(/[./]/);
  if (rest.length === 0) return ["DNS", "URI"].find((name) => name === kind.toUpperCase());
  const type = kind.toUpperCase() === "NAME" ? attribute(rest.join(".")) : undefined;
  return type && `Name/${type}`;
}
