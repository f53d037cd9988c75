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
  const [hit, aws] = ["eks-x509, hit", "aws eks get-token, keys given"].map((wanted) =>
    results.find(({ name }) => name === wanted),
  );
  if (hit && aws)
    console.log(
      `  a hit is ${(aws.milliseconds / hit.milliseconds).toFixed(1)} times as fast as aws eks get-token`,
    );
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
