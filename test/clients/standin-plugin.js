#!/usr/bin/env node
/**
 * Stands in for eks-x509 where a client's own behaviour is the question: notes how it was run in the folder STATE, and answers as the
 * scenario there says, with the tokens t1, t2, …
 */
import { appendFileSync, fstatSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isatty } from "node:tty";

const state = process.env["STATE"];
const { lifetime, exitCode = 0, says } = JSON.parse(readFileSync(join(state, "scenario"), "utf8"));
appendFileSync(join(state, "runs"), `${JSON.stringify(facts())}\n`);
const runs = readFileSync(join(state, "runs"), "utf8").trim().split("\n").length;
if (says) writeFileSync(2, `${says}\n`);
if (exitCode !== 0) process.exit(exitCode);
const expiry = lifetime === undefined ? {} : { expirationTimestamp: inSeconds(lifetime) };
const { apiVersion = "client.authentication.k8s.io/v1" } = info() ?? {};
console.log(JSON.stringify({ kind: "ExecCredential", apiVersion, status: { token: `t${runs}`, ...expiry } }));

function facts() {
  return {
    args: process.argv.slice(2),
    info: info(),
    inherits: process.env["MARK"] === "inherited",
    parents: readFileSync(`/proc/${process.ppid}/comm`, "utf8").trim(),
    stdin: stdin(),
  };
}

function info() {
  const text = process.env["KUBERNETES_EXEC_INFO"];
  return text === undefined ? undefined : JSON.parse(text);
}

function stdin() {
  if (isatty(0)) return "terminal";
  if (fstatSync(0).isCharacterDevice()) return readlinkSync("/proc/self/fd/0");
  return fstatSync(0).isFile() ? "file" : "pipe";
}

function inSeconds(seconds) {
  return new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z/, "Z");
}
