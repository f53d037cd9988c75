/**
 * No output of any command holds a secret, whatever repeats it: the built program among hostile servers, plugins and files. The
 * tables are in confidential/: who repeats a secret, where, in which spelling; and the bound of what counts as repeated.
 */
import { describe, expect, it } from "vitest";
import { isThorough } from "../thorough.ts";
import { startServers, type HostileServers } from "./confidential/hostile-servers.ts";
import { saying, scenarios, type Scenario } from "./confidential/scenarios.ts";
import { leaks, type Secret } from "./confidential/search.ts";
import { spellings } from "./confidential/spellings.ts";
import {
  found,
  secrets,
  startRow,
  Surroundings,
  withoutIntended,
  type Found,
} from "./confidential/surroundings.ts";

/** Those that no variable and no argument of the run holds. */
const ownSecrets = [secrets.privateKey, secrets.accessKey, secrets.sessionToken];

/** Contexts of `token debug` that sign in without the certificate. */
const readsNoKey: ReadonlySet<string> = new Set(["plugin", "static", "basic"]);

/** Runs of each scenario, each with another command and spelling. Thousands make up the whole product, which takes an hour. */
const runs = isThorough ? 8 : 1;

async function leaksOf(scenario: Scenario, index: number, { command, spelling }: Case): Promise<Found[]> {
  const { answers, plugin, hasProxy = false, hasOwnCertificate = false, meets = [] } = scenario;
  const surroundings = new Surroundings();
  let servers: HostileServers | undefined = undefined;
  const known = (): Secret[] => {
    const shared = servers?.shared() ?? [];
    const key = readsNoKey.has(command.at(3) ?? "") ? [] : [secrets.privateKey];
    return [...key, ...shared, ...meets, ...(hasProxy ? [secrets.proxyPassword] : [])];
  };
  const say = saying(known, spelling, isThorough);
  servers = await startServers({
    answers: answers?.(say) ?? {},
    ...(hasOwnCertificate && {
      certificate: { name: say(), hosts: [say().slice(0, 200), say().slice(0, 200)] },
    }),
  });
  try {
    const kubeconfig = surroundings.kubeconfig(servers, plugin && surroundings.plugin(plugin(say)));
    const proxy = new URL(servers.proxy);
    Object.assign(proxy, { username: "alice", password: encodeURIComponent(secrets.proxyPassword.text) });
    const outcome = await startRow(index, {
      args: command,
      env: {
        ...surroundings.environment(servers),
        KUBECONFIG: kubeconfig,
        ...(hasProxy && { HTTPS_PROXY: proxy.href }),
      },
    });
    const texts = [
      ["stdout", withoutIntended(outcome.stdout)],
      ["stderr", outcome.stderr],
    ] as const;
    return [
      ...found(texts, [...Object.values(secrets), ...known()]),
      ...found(surroundings.filesWritten(), [...ownSecrets, ...servers.shared()]),
    ];
  } finally {
    servers.close();
  }
}

interface Case {
  command: readonly string[];
  spelling: number;
}

/** All of them, or a few that differ from scenario to scenario. */
function casesOf({ commands }: Scenario, index: number): Case[] {
  return Array.from({ length: runs }, (_, run) => ({
    command: commands[(index + run) % commands.length] ?? [],
    spelling: (7 * index + 13 * run) % spellings.length,
  }));
}

describe.concurrent("is not repeated where", () => {
  it.each(scenarios.map((scenario, index) => ({ ...scenario, index })))(
    "$name",
    async ({ index, ...scenario }) => {
      for (const each of casesOf(scenario, index)) {
        const [how] = spellings[each.spelling] ?? [];
        const revealed = await leaksOf(scenario, index, each);
        expect(revealed, `${each.command.slice(0, 5).join(" ")}, ${how}`).toEqual([]);
      }
    },
  );
});

describe("the search itself", () => {
  const { sessionToken } = secrets;

  it.each(spellings)("finds a secret %s", (_how, spell) => {
    expect(leaks(`before ${spell(sessionToken.text)} after`, [sessionToken])).toHaveLength(1);
  });

  it("finds nothing in other texts", () => {
    expect(
      leaks("STS refused the token: the session has expired (ExpiredToken)", Object.values(secrets)),
    ).toEqual([]);
  });
});
