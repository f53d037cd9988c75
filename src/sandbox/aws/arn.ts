/** The parts of an ARN that decide who and where. The sandbox reads any ARN; what a service accepts is the service's rule. */

/** Undefined if the text is no ARN. */
export function parseArn(text: string): Record<"partition" | "region" | "account", string> | undefined {
  const [, partition, region = "", account = ""] = /^arn:([^:]+):[^:]*:([^:]*):([^:]*):/.exec(text) ?? [];
  return partition === undefined ? undefined : { partition, region, account };
}
