import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pemBlocks } from "../../src/identity/pem.ts";
import { named, toPem } from "../certificates.ts";
import { codeOf, failureOf } from "../failure.ts";

const blocks = (content: string | Uint8Array) => pemBlocks(named(content), "certificate");
const der = Buffer.from("30820122abcdef", "hex");

describe("a PEM file", () => {
  it("gives its blocks in the file's order, each with label, line and bytes", () => {
    expect(blocks(`${toPem("CERTIFICATE", der)}\n${toPem("EC PRIVATE KEY", der)}`)).toEqual([
      { label: "CERTIFICATE", line: 1, headers: [], der },
      { label: "EC PRIVATE KEY", line: 5, headers: [], der },
    ]);
  });

  it("keeps RFC 1421 headers apart from the content", () => {
    const text = toPem("RSA PRIVATE KEY", der).replace(
      "-----\n",
      "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
    );
    expect(blocks(text)).toEqual([
      {
        label: "RSA PRIVATE KEY",
        line: 1,
        headers: ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-256-CBC,00"],
        der,
      },
    ]);
  });

  it("holds no block, when it is no PEM file at all", () => {
    expect(blocks("just some text\n-----BEGIN NOTHING\n")).toEqual([]);
  });

  it.each([
    ["Bag Attributes\n    friendlyName: alice\nsubject=CN = alice\n", "\n"],
    ["\uFEFF", "\n"],
    ["\uFEFF# exported by Windows\r\n", "\r\n"],
    ["\n \t\n", "\r"],
  ])("is read with text, a byte-order mark, blank lines or other line ends around: %j", (before, lineEnd) => {
    expect(blocks(`${before}${toPem("CERTIFICATE", der, lineEnd)}${lineEnd}after`)[0]?.der).toEqual(der);
  });

  it("may be indented", () => {
    expect(blocks(toPem("CERTIFICATE", der).replace(/^/gm, "    "))[0]?.der).toEqual(der);
  });

  it("may be one long line of base64, or one octet a line", () => {
    const long = Buffer.alloc(3000, 7);
    const base64 = long.toString("base64");
    expect(blocks(`-----BEGIN X-----\n${base64}\n-----END X-----`)[0]?.der).toEqual(long);
    expect(blocks(`-----BEGIN X-----\n${base64.split("").join("\n")}\n-----END X-----`)[0]?.der).toEqual(
      long,
    );
  });

  it.each([
    [
      "cut short",
      "\n\n-----BEGIN CERTIFICATE-----\nAAAA\n",
      "alice.pem, line 3: the CERTIFICATE block has no END line",
    ],
    [
      "cut short before the next",
      `-----BEGIN CERTIFICATE-----\nAAAA\n${toPem("CERTIFICATE", der)}`,
      "alice.pem, line 1: the CERTIFICATE block has no END line",
    ],
    [
      "ended as something else",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n",
      "alice.pem, line 1: the CERTIFICATE block has no END line",
    ],
    [
      "not base64",
      "-----BEGIN CERTIFICATE-----\nAA*A\n-----END CERTIFICATE-----\n",
      "alice.pem, line 1: the CERTIFICATE block is not base64",
    ],
    [
      "a character short",
      "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n",
      "alice.pem, line 1: the CERTIFICATE block is not base64",
    ],
    [
      "empty",
      "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      "alice.pem, line 1: the CERTIFICATE block is not base64",
    ],
    [
      "padded in the middle",
      "-----BEGIN CERTIFICATE-----\nAA==\nAAAA\n-----END CERTIFICATE-----\n",
      "alice.pem, line 1: the CERTIFICATE block is not base64",
    ],
  ])("is refused when a block is %s, with its line", (_what, text, message) => {
    expect(failureOf(() => blocks(text))).toMatchObject({
      category: "identity",
      hop: "certificate",
      code: "PEM_MALFORMED",
      message,
    });
  });
});

describe("the PEM splitter, for any file", () => {
  const label = fc.stringMatching(/^[A-Z0-9]{1,10}( [A-Z0-9]{1,10}){0,2}$/);
  const block = fc.record({ label, der: fc.uint8Array({ minLength: 1, maxLength: 200 }) });
  const around = fc
    .array(fc.stringMatching(/^[ -~\t]{0,60}$/).filter((line) => !line.includes("-----")))
    .map((lines) => lines.join("\n"));

  /** Not a tag of HTML. */
  const acrossLines: [string, { label: string; der: Uint8Array<ArrayBuffer> }][] = ["<A ", ">"].map(
    (before) => [before, { label: "A", der: new Uint8Array([0]) }],
  );

  it("gives back the blocks that were written, whatever lies between them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(around, block)),
        around,
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.boolean(),
        (parts, end, lineEnd, mark) => {
          const text =
            parts.map(([before, { label, der }]) => `${before}\n${toPem(label, der)}`).join("") + end;
          const read = blocks((mark ? "\uFEFF" : "") + text.replaceAll("\n", lineEnd));
          expect(read.map(({ label, der }) => ({ label, der: new Uint8Array(der) }))).toEqual(
            parts.map(([, part]) => part),
          );
        },
      ),
      { examples: [[acrossLines, "", "\r", false]] },
    );
  });

  it("reads random bytes, or refuses them with its own error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect([undefined, "PEM_MALFORMED"]).toContain(codeOf(() => blocks(bytes)));
      }),
    );
  });

  it("reads a shuffle of PEM's own lines, or refuses it with its own error", () => {
    const line = fc.constantFrom(
      "-----BEGIN A-----",
      "-----END A-----",
      "-----BEGIN B-----",
      "-----END B-----",
      "AAAA",
      "=",
      ":",
      "-----",
      "-----BEGIN -----",
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        expect([undefined, "PEM_MALFORMED"]).toContain(codeOf(() => blocks(lines.join("\n"))));
      }),
    );
  });

  it.each([
    "-----BEGIN A-----\n".repeat(2),
    `-----BEGIN A-----\n${"A".repeat(1_048_000)}!\n-----END A-----`,
    "-".repeat(1_048_576),
    " ".repeat(1_048_576),
    `-----BEGIN ${" ".repeat(1_000_000)}`,
  ])("comes to an end with a mebibyte of what costs a careless expression hours (%#)", (text) => {
    expect([undefined, "PEM_MALFORMED"]).toContain(codeOf(() => blocks(text)));
  });
});

it("is read alike with one more spelling, which makes the reader look for all of them", () => {
  const begin = "-----BEGIN CERTIFICATE-----";
  const pieces = [begin, begin.replace("BEGIN", "END"), "MAA=", "\n", "\r\n", " ", "[0m", "<b>", "%41", "`n"];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 12 });
  const outcome = (content: string) => {
    try {
      return blocks(content);
    } catch (error) {
      return codeOf(() => {
        throw error;
      });
    }
  };
  fc.assert(
    fc.property(text, (parts) => {
      const content = `${begin}\nMAA=\n${parts.join("")}\nx`;
      expect(outcome(content)).toEqual(outcome(`${content}\ufeff`));
    }),
  );
});
