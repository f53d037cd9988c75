import { describe, expect, it } from "vitest";
import { checkDebugFlags, timeGiven } from "../../../../src/cli/commands/token-debug/input.ts";
import { Flags } from "../../../../src/cli/command.ts";
import { failureOf } from "../../../failure.ts";

const token = `k8s-aws-v1.${Buffer.from("https://sts.us-west-2.amazonaws.com/?Action=x".repeat(9)).toString("base64url")}`;

describe("what token debug is asked", () => {
  it.each(["kubeconfig", "context", "at", "aws-auth", "admin-context", "cluster-name"])(
    "--%s is neither empty nor a token",
    (name) => {
      expect(
        failureOf(() => {
          checkDebugFlags(new Flags({ [name]: "" }));
        }).code,
      ).toBe("FLAG_EMPTY");
      for (const pasted of [token, token.slice(20)]) {
        const { code, message } = failureOf(() => {
          checkDebugFlags(new Flags({ [name]: pasted }));
        });
        expect([code, message.includes(pasted.slice(0, 30))]).toEqual(["FLAG_HOLDS_TOKEN", false]);
      }
    },
  );

  it.each([
    ["kubeconfig", "/Users/Alice1/Documents/Work/kubeconfigs/of/Clusters/in/us-west-2/and/others/too/config"],
    ["context", `arn:aws:eks:us-west-2:111122223333:cluster/${"Demo-1".repeat(16)}`],
  ])("a long --%s is none", (name, value) => {
    expect(() => {
      checkDebugFlags(new Flags({ [name]: value }));
    }).not.toThrow();
  });

  it("the cluster's name is one", () => {
    const flags = new Flags({ "cluster-name": "de\u001b[2Jmo" });
    expect(
      failureOf(() => {
        checkDebugFlags(flags);
      }).code,
    ).toBe("CLUSTER_NAME_INVALID");
  });

  it("a time is for a token", () => {
    const at = "2026-11-22T15:59:35Z";
    expect(
      failureOf(() => {
        checkDebugFlags(new Flags({ at }));
      }).code,
    ).toBe("TIME_WITHOUT_TOKEN");
    expect(() => {
      checkDebugFlags(new Flags({ at, TOKEN: "-" }));
    }).not.toThrow();
  });
});

describe("a time", () => {
  it.each(["2026-11-22T15:59:35Z", "2026-11-22t15:59:35z", "2026-11-22T16:59:35.0+01:00"])("%s", (text) => {
    expect(timeGiven(text)?.toISOString()).toBe("2026-11-22T15:59:35.000Z");
  });

  it.each(["2030-02-30T00:00:00Z", "2030-01-01T24:00:00Z", "2030-01-01", "2030-01-01T00:00:00", "now"])(
    "%s is none",
    (text) => {
      expect(failureOf(() => timeGiven(text)).code).toBe("TIME_INVALID");
    },
  );
});
