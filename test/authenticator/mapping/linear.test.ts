/** However many flawed entries aws-auth has, only the most certain cause is put into words, and each entry is read once. */
import { afterEach, expect, it, vi } from "vitest";
import { mapIdentity } from "../../../src/authenticator/mapping/mapping.ts";
import { readOnly } from "./identities.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  ["texts", "- x\n"],
  ["empty mappings", "- {}\n"],
  ["lists", "- [a]\n"],
  ["misspelt keys", "- rolarn: x\n"],
  ["paths", "- rolearn: arn:aws:iam::029608264753:role/a/eks-read-only\n"],
  ["near names", "- rolearn: arn:aws:iam::029608264753:role/eks-readonly\n"],
  ["near ARNs", "- rolearn: arn:aws:iam:029608264753:role/eks-read-only\n"],
  ["both sso and ARN", "- rolearn: x\n  sso: {}\n"],
])("many %s", (_, entry) => {
  const [few, many] = [stepsOf(entry.repeat(500)), stepsOf(entry.repeat(2000))];
  expect(many.texts).toBe(few.texts);
  expect(many.steps).toBeLessThan(4.5 * few.steps);
});

/** The texts that are quoted for the words of a cause, and the letters that are folded and split to find it. */
function stepsOf(mapRoles: string): { texts: number; steps: number } {
  const quoted = vi.spyOn(JSON, "stringify");
  const folded = vi.spyOn(String.prototype, "toLowerCase");
  const split = vi.spyOn(String.prototype, "split");
  expect(mapIdentity({ mapRoles, mapUsers: mapRoles, maproles: mapRoles }, readOnly).kind).toBe("denied");
  const steps = [...folded.mock.contexts, ...split.mock.contexts].reduce<number>(
    (sum, text) => sum + String(text).length,
    0,
  );
  const texts = quoted.mock.calls.length;
  vi.restoreAllMocks();
  return { texts, steps };
}
