/** The first document of a YAML text: all that goyaml.v2 looks at. */
import { Composer, Parser, type Document } from "yaml";
import { refuseWhatLibyamlRefuses } from "./libyaml-rules.ts";
import { Lost } from "./lost.ts";

/** Scalars stay texts: which of them are numbers, goyaml.v2's rules tell. @throws Lost */
export function syntaxTree(text: string): Document.Parsed | undefined {
  refuseWhatLibyamlRefuses(text);
  const composer = new Composer({
    version: "1.1",
    schema: "failsafe",
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const tokens = new Parser().parse(text);
  for (const document of composer.compose(tokens, true, text.length)) return sound(document);
  return undefined;
}

function sound(document: Document.Parsed): Document.Parsed {
  const problem = document.errors.find(({ message }) => !message.startsWith(forgiven));
  if (problem) throw new Lost(problem.message.slice(0, longestReason), problem.pos[0]);
  return document;
}

/** The package shows what it met. */
const longestReason = 120;

/** libyaml lets these pass. */
const forgiven = "Comments must be separated from other tokens";
