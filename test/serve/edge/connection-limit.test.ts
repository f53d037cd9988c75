import { expect, it } from "vitest";
import { connectionLimit } from "../../../src/serve/edge/connection-limit.ts";

it.each([
  [1_000_000, 512],
  [1_088, 512],
  [256, 96],
  [128, 32],
  [16, 8],
])("of %i descriptors, each of the two servers gives its connections %i", (descriptors, connections) => {
  expect(connectionLimit(descriptors)).toBe(connections);
});
