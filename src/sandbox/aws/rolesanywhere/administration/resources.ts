/** The trust anchors, profiles and certificate revocation lists of an account: what they have in common. */
import { randomUUID } from "node:crypto";
import { type JsonObject, listIn, textIn } from "../../../json-value.ts";
import { parseArn } from "../../arn.ts";
import type { Call, Operation } from "../../api/api-service.ts";
import { Refusal } from "../../refusal.ts";
import type { XmlContent } from "../../api/xml.ts";

export interface Resource {
  id: string;
  arn: string;
  name: string;
  enabled: boolean;
  createdAt: Date;
  updatedAt: Date;
  tags: Map<string, string>;
}

/** A list of one kind of resource, in the order of creation. */
export interface Kind<R extends Resource> {
  /** `trust-anchor`: of the ARN. */
  resource: string;
  /** `TrustAnchor`: of the operations' names. */
  operation: string;
  /** `trustAnchor`: of members. */
  member: string;
  /** `trust anchor`: of messages. */
  words: string;
  all: R[];
  /** The members that only this kind has. */
  detail: (resource: R) => XmlContent;
}

/** A resource that is created now. The default of `enabled` is false, as in the API. */
export function newResource({ input, at, region, caller }: Call, kind: string, partition: string): Resource {
  const id = randomUUID();
  return {
    id,
    arn: `arn:${partition}:rolesanywhere:${region}:${caller.accountId}:${kind}/${id}`,
    name: textIn(input, "name"),
    enabled: input["enabled"] === true,
    createdAt: at,
    updatedAt: at,
    tags: tagsIn(input),
  };
}

export function tagsIn(input: JsonObject): Map<string, string> {
  const tags = listIn(input, "tags").flatMap((tag) => (isTag(tag) ? [[tag.key, tag.value] as const] : []));
  return new Map(tags);
}

function isTag(tag: unknown): tag is { key: string; value: string } {
  return typeof tag === "object" && tag !== null && "key" in tag && "value" in tag;
}

/** Get, List, Delete, Enable and Disable. */
export function commonOperations<R extends Resource>(kind: Kind<R>): Readonly<Record<string, Operation>> {
  const { operation, member, all } = kind;
  const shown = (resource: R): XmlContent => ({ [member]: described(kind, resource) });
  const found = (call: Call): R => resourceOf(kind, call);
  const switched = (enabled: boolean) => (call: Call) => {
    const resource = found(call);
    resource.enabled = enabled;
    return shown(changed(resource, {}, call));
  };
  return {
    [`Get${operation}`]: (call) => shown(found(call)),
    [`List${operation}s`]: (call) =>
      page(`${member}s`, ofRegion(all, call.region), call, (each) => described(kind, each)),
    [`Delete${operation}`]: (call) => {
      const resource = found(call);
      all.splice(all.indexOf(resource), 1);
      return shown(resource);
    },
    [`Enable${operation}`]: switched(true),
    [`Disable${operation}`]: switched(false),
  };
}

export function changed<R extends Resource>(resource: R, values: Partial<R>, { at }: Call): R {
  return Object.assign(resource, values, { updatedAt: at });
}

/** @throws {Refusal} ResourceNotFoundException */
export function resourceOf<R extends Resource>({ member, words, all }: Kind<R>, { input, region }: Call): R {
  const id = textIn(input, `${member}Id`);
  const resource = ofRegion(all, region).find((each) => each.id === id);
  if (resource) return resource;
  throw new Refusal(404, "ResourceNotFoundException", `The ${words} with id ${id} was not found.`);
}

export function ofRegion<R extends { arn: string }>(all: readonly R[], region: string): R[] {
  return all.filter(({ arn }) => parseArn(arn)?.region === region);
}

export function described<R extends Resource>({ member, detail }: Kind<R>, resource: R): XmlContent {
  const { id, arn, name, enabled, createdAt, updatedAt } = resource;
  return {
    [`${member}Id`]: id,
    [`${member}Arn`]: arn,
    name,
    enabled,
    ...detail(resource),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** `nextToken` is the index of the next page's first item. */
export function page<T>(
  member: string,
  all: readonly T[],
  { input }: Call,
  show: (item: T) => XmlContent,
): XmlContent {
  const token = textIn(input, "nextToken") || "0";
  if (!/^\d{1,9}$/.test(token)) throw new Refusal(400, "ValidationException", "Invalid nextToken");
  const start = Number(token);
  const size = typeof input["pageSize"] === "number" ? input["pageSize"] : 50;
  const end = start + size;
  return { [member]: all.slice(start, end).map(show), nextToken: end < all.length ? String(end) : undefined };
}
