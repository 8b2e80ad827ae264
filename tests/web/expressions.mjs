// Evaluates expressions of workflows with GitHub's own library: a JSON object a line in, one a line out.
//
//   {"kind": "condition", "text": "failure()", "contexts": {"steps": {…}}, "status": {"success": false, …}}
//       → {"value": true}: of an `if:`, written with `${{ }}` or without; `success() && (…)` where it asks no status
//   {"kind": "value", …}  → {"value": …}: of a field that is one expression, else its text as below
//   {"kind": "text", …}   → {"value": "…"}: of a field with its expressions filled in
//   → {"error": "…"} for what GitHub would refuse
//
// `contexts` holds those that GitHub gives at that place: any other is an error. `status` holds what the functions of
// that name say; without it there are none.
import { createInterface } from "node:readline";
import { Evaluator, Lexer, Parser, data } from "@actions/expressions";
import { truthy } from "@actions/expressions/result";

const STATUS = ["success", "failure", "cancelled", "always"];

function evaluated(text, { contexts, status }) {
  const { tokens } = new Lexer(text).lex();
  const functions = Object.entries(status ?? {}).map(([name, said]) => ({
    name, description: "", minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(said),
  }));
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse();
  const known = JSON.parse(JSON.stringify(contexts), data.reviver);
  return new Evaluator(tree, known, new Map(functions.map((one) => [one.name, one]))).evaluate();
}

// The parts of a text: strings as they are, expressions as [expression]. A brace within quotes ends no expression.
function parts(text) {
  const found = [];
  let rest = text;
  for (let open = rest.indexOf("${{"); open >= 0; open = rest.indexOf("${{")) {
    let end = open + 3;
    for (let quoted = false; quoted || !rest.startsWith("}}", end); end += 1) {
      if (end >= rest.length) throw new Error(`an expression has no end: ${text}`);
      if (rest[end] === "'") quoted = !quoted;
    }
    found.push(rest.slice(0, open), [rest.slice(open + 3, end).trim()]);
    rest = rest.slice(end + 2);
  }
  return [...found, rest].filter((part) => part !== "");
}

function filled(text, asked) {
  return parts(text).map((part) => (typeof part === "string" ? part : evaluated(part[0], asked).coerceString())).join("");
}

const KINDS = {
  condition(text, asked) {
    const found = parts(text);
    const bare = found.length === 1 && typeof found[0] === "string";
    if (!bare && (found.length !== 1 || !Array.isArray(found[0]))) {
      throw new Error(`an if: is one expression; text around it makes it always true: ${text}`);
    }
    const expression = bare ? text.trim() : found[0][0];
    const { tokens } = new Lexer(expression).lex();
    const asks = tokens.some((token, place) =>
      STATUS.includes(token.lexeme.toLowerCase()) && tokens[place + 1]?.lexeme === "(");
    return truthy(evaluated(asks ? expression : `success() && (${expression})`, asked));
  },
  value(text, asked) {
    const found = parts(text);
    const alone = found.length === 1 && Array.isArray(found[0]);
    return alone ? JSON.parse(JSON.stringify(evaluated(found[0][0], asked), data.replacer)) : filled(text, asked);
  },
  text: filled,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, text, ...asked } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: KINDS[kind](text, asked) }));
  } catch (error) {
    console.log(JSON.stringify({ error: `${error.message}: ${text}` }));
  }
}
