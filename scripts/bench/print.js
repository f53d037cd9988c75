// Figures for people, ratios first.

/** What the figures are for: one row's time as a multiple of another's, and the goal. */
const comparisons = [
  ["executable, hit", "kubelogin", 0.7],
  ["executable, session hit", "kubelogin", 1.5],
  ["executable, miss", "authenticator", 1],
  ["executable, asked again", "executable, hit"],
  ["eks-x509, hit", "node", 1.5],
  ["eks-x509, miss", "node", 3],
  ["eks-x509, asked again", "eks-x509, hit", 1.25],
  ["eks-x509, hit", "aws"],
  ["eks-x509, miss", "authenticator"],
  ["token hit", "eks-x509, hit", 1.05],
  ["token miss", "helper on token"],
  ["executable, credential-process hit", "executable, session hit", 1.1],
  ["executable, credential-process hit", "helper"],
  ["executable, credential-process miss", "helper"],
  ["eks-x509, credential-process hit", "helper"],
  ["eks-x509, credential-process miss", "helper"],
];

export function printTable(results) {
  const [first] = results;
  for (const { name, milliseconds, kibibytes } of results) {
    const time = `${milliseconds.toFixed(1).padStart(7)} ms ${ratio(milliseconds, first.milliseconds)}`;
    const space = kibibytes
      ? `${(kibibytes / 1024).toFixed(1).padStart(7)} MiB ${ratio(kibibytes, first.kibibytes)}`
      : "";
    console.log(`  ${name.padEnd(38)}${time}${space}`);
  }
  const byKey = new Map(results.map((result) => [result.key, result]));
  for (const [key, otherKey, goal] of comparisons) {
    const [one, other] = [byKey.get(key), byKey.get(otherKey)];
    if (!one || !other) continue;
    const wanted = goal === undefined ? "" : ` (goal: ${goal.toFixed(2)} x)`;
    console.log(
      `  ${one.name} / ${other.name}: ${ratio(one.milliseconds, other.milliseconds).trim()}${wanted}`,
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

export function printThroughput({ size, results }) {
  const rates = results.map(({ name, rate }) => `${name} ${rate.toFixed(0)} a second`);
  console.log(`  ${size} hits at once: ${rates.join(", ")}`);
}

/** @param steps `[what, milliseconds]` */
export function printProfile(name, steps) {
  console.log(`  ${name}: ${steps.map(([what, time]) => `${what} ${time.toFixed(1)} ms`).join(", ")}`);
}

function ratio(value, base) {
  return `${(value / base).toFixed(2).padStart(6)} x`;
}
