import { defineConfig } from "vitest/config";

/** They share what a user has once, the kernel's keyring: one after the other, with nothing beside them. */
const alone = [
  "test/cache/keychain/{keyutils,loading,secret-service/secret-service}.test.ts",
  "test/e2e/{cache,cache-broken,cache-crowd,clock-jumps,fast-path,many-clusters,refused-token,update-kubeconfig}.test.ts",
];

export default defineConfig({
  test: {
    reporters: ["default", "./test/reporter.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "side by side",
          include: ["test/**/*.test.ts"],
          exclude: alone,
          maxWorkers: "100%",
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
