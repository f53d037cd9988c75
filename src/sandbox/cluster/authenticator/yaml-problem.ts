/** What a YAML text cannot be read for: then nothing of it counts. */
export class YamlProblem extends Error {
  override readonly name = "YamlProblem";
}
