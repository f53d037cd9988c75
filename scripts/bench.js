// Time and peak memory of get-token, as ratios, side by side in one run: machines differ, ratios much less.
// Starts itself again inside the sandbox, so that Roles Anywhere answers on loopback, over TLS; and where keyctl is, in a session
// keyring of its own, so that the user's stays clean. Figures, and no verdict.
//   npm run bench [-- PROGRAM …]        BENCH_ROUNDS=7 for a quick look
// PROGRAM is one of these: the path of an executable of ours (by default the one in out/executable), the path of a peer that
// bench/peers.js has the arguments for, or a command in quotes: 'another program --with args'.
//   npm run bench -- PATH/kubelogin PATH/aws_signing_helper PATH/aws-iam-authenticator PATH/aws
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { forgetAllAtEnd, hasKeyring } from "./bench/keyring.js";
import { compare } from "./bench/measure.js";
import { foldersOfPeers } from "./bench/peers.js";
import { printKubectl, printProfile, printTable, printThroughput } from "./bench/print.js";
import { hasStrace, profile } from "./bench/profile.js";
import { hitsOfBuilds, kubectlSubjects, subjects, tokenOfUser, waves } from "./bench/subjects.js";

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
  forgetAllAtEnd();
  try {
    await inEnvironment("As this environment is", process.env, token);
    if (process.env.NODE_EXTRA_CA_CERTS) {
      const title = "Without NODE_EXTRA_CA_CERTS, which makes even an empty Node program read all CAs";
      await inEnvironment(title, { ...process.env, NODE_EXTRA_CA_CERTS: undefined }, token);
    }
  } finally {
    token?.remove();
    for (const folder of foldersOfPeers()) rmSync(folder, { recursive: true, force: true });
  }
}

async function inEnvironment(title, env, token) {
  const others = process.argv.slice(2);
  console.log(`\n${title} (Node ${process.version}, medians of ${rounds} rounds, ratios to the first line)`);
  printTable(await compare(await subjects(env, others, { token }), rounds));
  printKubectl(await compare(kubectlSubjects(env), rounds));
  printThroughput(await waves(env, others));
  if (!hasStrace) return console.log("  There is no strace: where the time of a hit goes is left out.");
  console.log("  Where the time of a hit goes, seen by strace, which adds its own:");
  const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  for (const hit of hitsOfBuilds(env, others)) printProfile(hit.name, profile(hit, root, rounds));
}
