/** What goyaml.v2 makes of a YAML text, in the form in which encoding/json goes on with it. */

interface Placed {
  /** Counts from 1, within the text. */
  line: number;
}

export interface YamlText extends Placed {
  kind: "text";
  text: string;
}

/** Null, a truth value or a number: none of them is a text, and a field that wants one stays empty. */
export interface YamlAtom extends Placed {
  kind: "null" | "bool" | "number";
  /** As it is written. */
  source: string;
}

export interface YamlList extends Placed {
  kind: "list";
  items: readonly YamlValue[];
}

export interface YamlMap extends Placed {
  kind: "map";
  /** In the order in which encoding/json meets them: by key. */
  fields: readonly YamlField[];
}

export interface YamlField extends Placed {
  key: string;
  value: YamlValue;
}

export type YamlValue = YamlText | YamlAtom | YamlList | YamlMap;

/** Why a text is lost as a whole. */
export interface YamlProblem {
  why: string;
  line: number;
  column: number;
}
