/** The AWS SDK's own table of partitions and regions: read as text, since no export of the SDK's lists it. */
import { readFileSync } from "node:fs";
import { fromJson } from "../json.ts";

export interface SdkPartition {
  id: string;
  outputs: { dnsSuffix: string; dualStackDnsSuffix: string };
  regionRegex: string;
  regions: Record<string, unknown>;
}

const module = new URL(
  "../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js",
  import.meta.url,
);

export const sdkPartitions: readonly SdkPartition[] = read();

/** Every region but the pseudo ones, such as aws-global. */
export const sdkRegions: readonly (readonly [region: string, partition: SdkPartition])[] =
  sdkPartitions.flatMap((partition) =>
    Object.keys(partition.regions)
      .filter((name) => !name.endsWith("-global"))
      .map((name) => [name, partition] as const),
  );

function read(): SdkPartition[] {
  const text = readFileSync(module, "utf8");
  const table = fromJson<{ partitions: SdkPartition[] }>(
    text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1),
  );
  return table.partitions;
}
