import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { runKeyList } from "../../../../src/cli/commands/key/list.ts";
import { day, from, hour, keyPair, leaf, now } from "../../../certificates.ts";
import { issuer, KeyFolder } from "../../../keys/key-folder.ts";
import { portsWith } from "../../../ports.ts";

const folder = new KeyFolder();
const noTokens = () => Promise.resolve({ contents: () => Promise.resolve([]) });

afterAll(() => {
  folder.remove();
});

describe("the time that key list prints", () => {
  it.each([
    [from(-3 * day), "expired"],
    [from(hour), "0 days left"],
    [from(day + hour), "1 day left"],
    [from(38 * day), "38 days left"],
  ])("of a certificate until %o: %s", async (notAfter, words) => {
    const keys = keyPair("p256", "alice");
    const { pem, keyPem } = leaf(issuer, { keys, notBefore: from(-99 * day), notAfter });
    folder.write("both.pem", pem + keyPem);
    let text = "";
    const root = portsWith({
      env: { EKS_X509_CONFIG: "" },
      clock: () => now,
      stdout: (line) => Promise.resolve(void (text += line)),
      identities: (access) => ({ ...folder.sources({}).identities(access), tokens: noTokens }),
    });
    await runKeyList(new Flags({ FILE: join(folder.path, "both.pem") }), root);
    expect(text).toContain(`, ${words}\n`);
  });
});
