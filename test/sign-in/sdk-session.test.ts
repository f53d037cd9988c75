/** Which kept session is printed to an SDK, in the minutes in which SDKs ask for another one. */
import { describe, expect, it } from "vitest";
import { isUsefulToSdks } from "../../src/sign-in/sdk-session.ts";

const minute = 60_000;
const createdAt = new Date("2026-11-22T16:00:00Z");
const after = (minutes: number): Date => new Date(createdAt.getTime() + minutes * minute);

function isUseful(life: number, age: number): boolean {
  const credentials = { accessKeyId: "", secretAccessKey: "", sessionToken: "" };
  const session = { credentials, assumedRoleArn: "", sourceIdentity: "", expiration: after(life) };
  const label = { subject: "", roleArn: "", clusterName: "", region: "" };
  return isUsefulToSdks({ kind: "session", session, createdAt, expiration: after(life), label }, after(age));
}

describe("a kept session is useful to SDKs", () => {
  it.each([
    [720, 705],
    [60, 45],
    [45, 30],
    [30, 20],
    [15, 10],
  ])("of %d minutes for the first %d", (life, last) => {
    expect([isUseful(life, 0), isUseful(life, last), isUseful(life, last + 0.01)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
