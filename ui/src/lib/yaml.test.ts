import { expect, test } from "vitest";
import { tokenizeYaml } from "./yaml";

test.each([
  ["  replicas: 3", ["plain:  ", "key:replicas", "plain::", "number: 3"]],
  [
    '    app.kubernetes.io/version: "1.1.0"',
    ["plain:    ", "key:app.kubernetes.io/version", "plain::", 'string: "1.1.0"'],
  ],
  ["  - name: VAR_2", ["plain:  - ", "key:name", "plain::", "plain: VAR_2"]],
  ["# Source: a", ["comment:# Source: a"]],
  ["  - https://example.com", ["plain:  - ", "plain:https://example.com"]],
  ["---", ["plain:---"]],
])("%s", (text, tokens) => expect(tokenizeYaml(text).map((token) => `${token.kind}:${token.text}`)).toEqual(tokens));

test("no character is lost", () => {
  for (const text of ["a: b: c", "  'x y': 1", "  key:", "text # not a comment", '- "a": 2', "a:b"]) {
    expect(
      tokenizeYaml(text)
        .map((token) => token.text)
        .join(""),
    ).toBe(text);
  }
});
