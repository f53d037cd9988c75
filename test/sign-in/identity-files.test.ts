import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { errorsOf } from "../../src/foundation/errors.ts";
import { readIdentityFiles } from "../../src/sign-in/identity-files.ts";
import { rejectionOf } from "../failure.ts";

const missing = (hop: "certificate" | "private-key") =>
  errorsOf("identity", hop)("FILE_MISSING", `${hop} does not exist`, "Check the path.");
const unused = () => Promise.reject(new Error("not opened"));

it("reports the first hop whose file is missing, whichever is noticed first", async () => {
  const certificates = () => ({
    state: async () => {
      await setImmediate();
      throw missing("certificate");
    },
    open: unused,
  });
  const signer = () => ({
    description: "",
    state: () => Promise.reject(missing("private-key")),
    open: unused,
  });
  const given = { path: "x", source: "--x" };
  const files = { certificate: given, privateKey: given, intermediates: undefined, access: {} };
  expect(
    await rejectionOf(
      readIdentityFiles(files, { identities: () => ({ certificates, signer, tokens: unused }) }),
    ),
  ).toMatchObject({ hop: "certificate" });
});
