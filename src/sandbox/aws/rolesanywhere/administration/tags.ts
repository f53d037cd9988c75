/** The tags of a trust anchor, a profile or a CRL. IAM Roles Anywhere API reference. */
import { textIn, textsIn } from "../../../json-value.ts";
import type { Call, Operation } from "../../api/api-service.ts";
import { Refusal } from "../../refusal.ts";
import { type Resource, tagsIn } from "./resources.ts";

const mostTags = 200;

export function tagOperations(resources: () => readonly Resource[]): Readonly<Record<string, Operation>> {
  const found = ({ input }: Call): Resource => {
    const arn = textIn(input, "resourceArn");
    const resource = resources().find((each) => each.arn === arn);
    if (resource) return resource;
    throw new Refusal(404, "ResourceNotFoundException", `The resource with ARN ${arn} was not found.`);
  };
  return {
    ListTagsForResource: (call) => ({ tags: [...found(call).tags].map(([key, value]) => ({ key, value })) }),
    TagResource: (call) => {
      const resource = found(call);
      const tags = new Map([...resource.tags, ...tagsIn(call.input)]);
      if (tags.size > mostTags)
        throw new Refusal(400, "TooManyTagsException", "The resource has too many tags.");
      resource.tags = tags;
      return {};
    },
    UntagResource: (call) => {
      const { tags } = found(call);
      for (const key of textsIn(call.input, "tagKeys")) tags.delete(key);
      return {};
    },
  };
}
