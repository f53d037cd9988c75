// Time and peak memory of get-token, as ratios, side by side in one run: machines differ, ratios much less.
// Starts itself again inside the sandbox, so that Roles Anywhere answers on loopback, over TLS; and where keyctl is, in a session
// keyring of its own, so that the user's stays clean. Figures, and no verdict.
//   npm run bench [-- PROGRAM …]        BENCH_ROUNDS=7 for a quick look
// PROGRAM is the path of a peer that bench/peers.js has the arguments for, or a command in quotes: 'another program --with args'.
import { execFileSync } from "node:child_process";
import { forgetAll, hasKeyring } from "./bench/keyring.js";
import { compare } from "./bench/measure.js";
import { printTable, printThroughput, printKubectl } from "./bench/print.js";
import { kubectlSubjects, subjects, tokenOfUser, waves } from "./bench/subjects.js";

const rounds = Number(process.env.BENCH_ROUNDS ?? 25);
const program = new URL("../bin/eks-x509", import.meta.url).pathname;

if (process.env.BENCH_INSIDE === undefined) startInside();
else await bench();

function startInside() {
  const [file, ...args] = [
    ...(hasKeyring() ? ["keyctl", "session", "-"] : []),
    ...[process.execPath, program, "sandbox", "--"],
    ...[process.execPath, import.meta.filename, ...process.argv.slice(2)],
  ];
  const env = { ...process.env, BENCH_INSIDE: "1", EKS_X509_CACHE: hasKeyring() ? "keyutils" : "none" };
  execFileSync(file, args, { stdio: "inherit", env });
}

async function bench() {
  const token = tokenOfUser();
  try {
    await inEnvironment("As this environment is", process.env, token);
    if (process.env.NODE_EXTRA_CA_CERTS) {
      const title = "Without NODE_EXTRA_CA_CERTS, which makes even an empty Node program read all CAs";
      await inEnvironment(title, { ...process.env, NODE_EXTRA_CA_CERTS: undefined }, token);
    }
  } finally {
    token?.remove();
    forgetAll();
  }
}

async function inEnvironment(title, env, token) {
  console.log(`\n${title} (Node ${process.version}, medians of ${rounds} rounds, ratios to the first line)`);
  printTable(await compare(subjects(env, process.argv.slice(2), token), rounds));
  printKubectl(await compare(kubectlSubjects(env), rounds));
  printThroughput(await waves(env));
}
