/** Name constraints of a CA, RFC 5280 §4.2.1.10: which names the certificates below it may have. */
import { children, extensionValue, tagged, type Element } from "../asn1.ts";
import type { Certificate } from "../certificate.ts";
import { comparableName, generalName, subjectAlternativeNames, type GeneralName } from "../names.ts";

const nameConstraints = "2.5.29.30";
const ipv4 = /^\d+(\.\d+){3}$/;

/** A name, or the base of a constraint. Directory names are in the form in which they are compared. */
type Name = Exclude<GeneralName, { type: "directory" }> | { type: "directory"; rdns: readonly string[] };

/** The first name of the certificate that the CA excludes, or does not permit, for a message. */
export function forbiddenName(certificate: Certificate, authority: Certificate): string | undefined {
  const constraints = extensionValue(authority.extensions, nameConstraints);
  const [permitted = [], excluded = []] = [0, 1].map((tag) =>
    children(tagged(constraints, tag)).flatMap(base),
  );
  const forbidden = namesOf(certificate).find((name) => {
    const ofType = (one: Constraint): boolean => typeOf(one) === typeOf(name);
    const inside = permitted.filter(ofType);
    const outside = excluded.filter(ofType);
    if (inside.length + outside.length === 0) return false;
    const isComparable = hasForm(name) && ![...inside, ...outside].some(({ hasDistance }) => hasDistance);
    const isPermitted = inside.length === 0 || inside.some((one) => isWithin(name, one));
    return !isComparable || !isPermitted || outside.some((one) => isWithin(name, one));
  });
  return forbidden && nameText(forbidden);
}

/** RFC 5280 §4.2.1.10: a verifier that cannot compare a name with a constraint of its type refuses the certificate. */
function hasForm(name: Name): boolean {
  if (name.type === "dns") return !name.text.endsWith(".");
  if (name.type === "email") return name.text.includes("@");
  if (name.type === "uri") return hostOf(name.text) !== undefined;
  return name.type !== "other";
}

function typeOf(name: Name): string {
  return name.type === "other" ? `${name.tag ?? ""} ${name.text.split(":")[0] ?? ""}` : name.type;
}

/** The subject counts as a directory name, and its e-mail addresses as such where no alternative name is one. */
function namesOf({ names, comparable, extensions }: Certificate): Name[] {
  const alternatives = subjectAlternativeNames(extensions).map(comparableForm);
  const addresses = names.subject.filter(({ type }) => type === "E");
  return [
    ...(comparable.subject.length > 0 ? [{ type: "directory", rdns: comparable.subject } as const] : []),
    ...alternatives,
    ...(alternatives.some(({ type }) => type === "email") ? [] : addresses).map(
      ({ value }) => ({ type: "email", text: value }) as const,
    ),
  ];
}

/** `hasDistance`: has minimum or maximum, which RFC 5280 does not allow. */
type Constraint = Name & { hasDistance: boolean };

/** `GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }`. */
function base(subtree: Element): Constraint[] {
  const [name, ...distance] = children(subtree);
  return name ? [{ ...comparableForm(generalName(name)), hasDistance: distance.length > 0 }] : [];
}

function comparableForm(name: GeneralName): Name {
  return name.type === "directory" ? { type: "directory", rdns: comparableName(name.name) } : name;
}

function isWithin(name: Name, constraint: Name): boolean {
  if (name.type === "dns" && constraint.type === "dns") return isBelow(name.text, constraint.text, true);
  if (name.type === "email" && constraint.type === "email") return isMailbox(name.text, constraint.text);
  if (name.type === "uri" && constraint.type === "uri") return isHostOf(name.text, constraint.text);
  if (name.type === "ip" && constraint.type === "ip") return isInNetwork(name.bytes, constraint.bytes);
  if (name.type !== "directory" || constraint.type !== "directory") return false;
  return constraint.rdns.every((rdn, index) => rdn === name.rdns[index]);
}

/** @param withSelf whether `example.com` itself is below `example.com`; below `.example.com` it never is */
function isBelow(host: string, domain: string, withSelf: boolean): boolean {
  const [name, limit] = [host.toLowerCase(), domain.toLowerCase()];
  if (limit === "") return true;
  if (limit.startsWith(".")) return name.endsWith(limit) && name.length > limit.length;
  return name === limit || (withSelf && name.endsWith(`.${limit}`));
}

/** `user@host` is one mailbox, `host` all of a host's, and `.domain` all of a domain's hosts. */
function isMailbox(address: string, constraint: string): boolean {
  const at = address.lastIndexOf("@");
  const host = address.slice(at + 1);
  const limit = constraint.lastIndexOf("@");
  if (limit < 0) return isBelow(host, constraint, false);
  return (
    address.slice(0, at) === constraint.slice(0, limit) && isBelow(host, constraint.slice(limit + 1), false)
  );
}

function isHostOf(uri: string, constraint: string): boolean {
  return isBelow(hostOf(uri) ?? "", constraint, false);
}

/** Undefined for a URI without a host, or with an address instead of a name. */
function hostOf(uri: string): string | undefined {
  const host = /^[^:/?#]+:\/\/(?:[^/?#@]*@)?([^/?#:[\]]+)(?::\d*)?(?:[/?#]|$)/.exec(uri)?.[1];
  return host === undefined || ipv4.test(host) ? undefined : host;
}

/** The constraint is an address and a mask, each as long as the name. */
function isInNetwork(address: Buffer, constraint: Buffer): boolean {
  if (constraint.length !== address.length * 2) return false;
  const mask = constraint.subarray(address.length);
  return address.every((octet, index) => ((octet ^ (constraint[index] ?? 0)) & (mask[index] ?? 0)) === 0);
}

function nameText(name: Name): string {
  if (name.type === "ip") return [...name.bytes].join(".");
  if (name.type === "directory") return name.rdns.join(", ");
  return name.type === "other" ? "of a type that the CA excludes" : name.text;
}
