// Figures for people, ratios first.

export function printTable(results) {
  const [first] = results;
  for (const { name, milliseconds, kibibytes } of results) {
    const time = `${milliseconds.toFixed(0).padStart(6)} ms ${ratio(milliseconds, first.milliseconds)}`;
    const space = kibibytes
      ? `${(kibibytes / 1024).toFixed(0).padStart(6)} MiB ${ratio(kibibytes, first.kibibytes)}`
      : "";
    console.log(`  ${name.padEnd(32)}${time}${space}`);
  }
  const named = (name) => results.find((result) => result.name === name);
  const [hit, aws] = [named("eks-x509, hit"), named("aws eks get-token, keys given")];
  if (hit && aws)
    console.log(
      `  a hit is ${(aws.milliseconds / hit.milliseconds).toFixed(1)} times as fast as aws eks get-token`,
    );
  const pairs = [
    ["a hit with a key on SoftHSM", "eks-x509, hit, key on SoftHSM", "a hit with a key file", hit],
    [
      "a miss with a key on SoftHSM",
      "eks-x509, miss, key on SoftHSM",
      "aws_signing_helper with the same key",
      named("aws_signing_helper, key on SoftHSM"),
    ],
  ];
  for (const [what, name, otherWhat, other] of pairs) {
    const one = named(name);
    if (one && other)
      console.log(
        `  ${what} takes ${ratio(one.milliseconds, other.milliseconds).trim()} the time of ${otherWhat}`,
      );
  }
}

export function printKubectl([fixed, plugin]) {
  if (!fixed || !plugin) return;
  const times = `${fixed.milliseconds.toFixed(0)} ms with a static token, ${plugin.milliseconds.toFixed(0)} ms with the plugin, a hit`;
  console.log(
    `  kubectl get ns: ${times}: ${ratio(plugin.milliseconds, fixed.milliseconds).trim()}, ${(plugin.milliseconds - fixed.milliseconds).toFixed(0)} ms more`,
  );
}

export function printThroughput({ size, empty, hits }) {
  if (!hits) return;
  const rate = (milliseconds) => `${((size * 1000) / milliseconds).toFixed(0)} a second`;
  console.log(
    `  ${size} at once: hits ${rate(hits)}, node -e 0 ${rate(empty)}: ${ratio(hits, empty).trim()} the time`,
  );
}

function ratio(value, base) {
  return `${(value / base).toFixed(2).padStart(6)} x`;
}
