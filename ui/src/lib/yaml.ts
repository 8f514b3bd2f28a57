/** A coloured piece of a line of YAML. */
export interface YamlToken {
  text: string;
  kind: "key" | "string" | "number" | "comment" | "plain";
}

const line = /^(\s*(?:- )*)((?:"[^"]*"|'[^']*'|[^\s#:'"][^:#]*?))(:)(?=\s|$)(.*)$/;
const scalar = /^(\s*)("(?:[^"\\]|\\.)*"|'[^']*')(\s*)(#.*)?$/;

/** Colours one line: keys, strings, numbers and comments, nothing else. Made for rendered manifests, not a parser. */
export function tokenizeYaml(text: string): YamlToken[] {
  const trimmed = text.trimStart();
  if (trimmed.startsWith("#")) return [{ text, kind: "comment" }];
  const match = line.exec(text);
  if (match !== null) {
    const [, lead = "", key = "", colon = "", rest = ""] = match;
    return [
      ...(lead === "" ? [] : [{ text: lead, kind: "plain" } as const]),
      { text: key, kind: "key" },
      { text: colon, kind: "plain" },
      ...value(rest),
    ];
  }
  const dash = /^(\s*(?:- )+)(.*)$/.exec(text);
  if (dash !== null) return [{ text: dash[1] ?? "", kind: "plain" }, ...value(dash[2] ?? "")];
  return [{ text, kind: "plain" }];
}

function value(text: string): YamlToken[] {
  if (text === "") return [];
  if (scalar.test(text)) return [{ text, kind: "string" }];
  if (/^\s*-?\d+(\.\d+)?$/.test(text)) return [{ text, kind: "number" }];
  if (/^\s+#/.test(text)) return [{ text, kind: "comment" }];
  return [{ text, kind: "plain" }];
}
