import type { RequestInfo, ResourceRequest } from "../exchange/request-info.ts";

/**
 * One rule of a role, and the requests that it allows.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
 */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export function allows(rule: PolicyRule, asked: RequestInfo): boolean {
  if (!holds(rule.verbs, asked.verb)) return false;
  if (!asked.isResourceRequest) return rule.nonResourceURLs.some((url) => urlMatches(url, asked.path));
  return holds(rule.apiGroups, asked.apiGroup) && namesResource(rule, asked) && namesObject(rule, asked);
}

const holds = (list: readonly string[], value: string) => list.includes("*") || list.includes(value);

function namesResource({ resources }: PolicyRule, { resource, subresource }: ResourceRequest): boolean {
  const combined = subresource === "" ? resource : `${resource}/${subresource}`;
  return holds(resources, combined) || (subresource !== "" && resources.includes(`*/${subresource}`));
}

const namesObject = ({ resourceNames }: PolicyRule, { name }: ResourceRequest) =>
  resourceNames.length === 0 || resourceNames.includes(name);

/** A star is a wildcard only alone or at the end. */
function urlMatches(url: string, path: string): boolean {
  return url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.replace(/\*+$/, "")));
}
