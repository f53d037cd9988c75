/** The ways in which a program gets the session's credentials. Each gives the environment of the programs, and its end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ran } from "../clients/processes.js";

const noImds = { AWS_EC2_METADATA_DISABLED: "true" };

/**
 * @typedef {{ program: string, identity: string[], home: string, env: NodeJS.ProcessEnv }} World
 * program: of eks-x509. identity: its flags. home: an empty folder for this way.
 * @type {Record<string, (world: World) => Promise<{ env: NodeJS.ProcessEnv, close: () => Promise<void> }>>}
 */
export const ways = {
  "credential-process": async ({ program, identity, home, env }) => {
    const file = join(home, "config");
    const args = ["update-aws-config", "--profile=default", ...identity];
    await ran(program, args, { env: { ...env, AWS_CONFIG_FILE: file } });
    return { env: { ...noImds, AWS_CONFIG_FILE: file }, close: () => Promise.resolve() };
  },
  IMDSv2: async (world) => {
    const { origin, close } = await served(world, []);
    return {
      env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: origin, AWS_EC2_METADATA_V1_DISABLED: "true" },
      close,
    };
  },
  container: async (world) => {
    const file = join(world.home, "token");
    const { origin, close } = await served(world, [`--token-file=${file}`]);
    const env = {
      ...noImds,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    };
    return { env, close };
  },
};

/** A server on a free port, which it logs when it listens. */
async function served({ program, identity, env }, flags) {
  const child = spawn(program, ["serve", "--port=0", ...flags, ...identity], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  const origin = await new Promise((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text) => {
      log += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(log) ?? [];
      if (found) resolve(found);
    });
    child.on("exit", () => reject(new Error(`serve ended: ${log}`)));
  });
  const close = async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return { origin, close };
}
