import fc from "fast-check";
import { parseRegion } from "../../src/aws/partition.ts";
import { allowedIn, AllowProblem, type AllowedAttribute } from "../../src/setup/allow.ts";
import type { Plan } from "../../src/setup/plan.ts";
import { root } from "../certificates.ts";

const ca = root("Example CA");

export function allowed(text: string): AllowedAttribute {
  const attribute = allowedIn(text);
  if (attribute instanceof AllowProblem) throw new Error(attribute.why);
  return attribute;
}

export function regionOf(name: string): Plan["region"] {
  const region = parseRegion(name);
  if (!region) throw new Error("no region");
  return region;
}

export function planWith(change: Partial<Plan> = {}): Plan {
  return {
    region: regionOf("us-west-2"),
    cluster: "demo",
    anchor: { kind: "bundle", pem: ca.pem },
    ...{ trustAnchorName: "eks", profileName: "eks", roleName: "eks-read-only", rolePath: "/" },
    allowed: [allowed("subject.OU=Platform")],
    mapping: "access-entry",
    groups: ["viewers"],
    findsClusters: true,
    sessionDuration: 3600,
    tags: [],
    ...change,
  };
}

const characters = (from: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from(from)), minLength: 1, maxLength });
const value = characters("aZ9 _.:/=+-@*?é日\u2028", 12).filter((text) => !/^[*?]+$/.test(text));
const attribute = fc
  .tuple(fc.constantFrom("subject.CN", "subject.OU", "issuer.O", "san.URI", "san.Name.CN"), value)
  .map(([name, text]) => allowed(`${name}=${text}`));

/** Every text that the options accept has the characters that a shell, YAML or HCL could interpret. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    roleName: characters("aZ9_+=,.@-", 20),
    rolePath: fc.constantFrom("/", "/team/", "/a=b,c+d@e/#&;|<>()~!%/"),
    trustAnchorName: characters("aZ9 _-", 20),
    profileName: characters("aZ9 _-", 20),
    cluster: characters("aZ9", 10),
    allowed: fc.tuple(attribute, attribute),
    mapping: fc.constantFrom("access-entry" as const, "aws-auth" as const),
    groups: fc.tuple(characters("aZ9:.@/+=-", 20)),
    findsClusters: fc.boolean(),
    sessionDuration: fc.integer({ min: 900, max: 43_200 }),
    tags: fc.array(
      fc.record({
        key: fc.oneof(characters("aZ9 _.:/=+-@", 9), fc.constantFrom("for", "null", "=", "012", "1:20")),
        value: fc.oneof(
          characters("aZ9 _.:/=+-@", 9),
          fc.constantFrom("yes", "=", "0o7", "012", "1:20", "1e3"),
        ),
      }),
      { maxLength: 2 },
    ),
  })
  .map(planWith);
