// Requests at the borders of what the document allows, and one step beyond: made from its schemas, so that a rule written down
// is a rule tried.
import {document} from "./document.mjs";

const schemas = document.components.schemas;

function resolved(schema) {
  return schema?.$ref ? schemas[schema.$ref.split("/").at(-1)] : schema;
}

/** `value` with what stands at `where` replaced; undefined takes it out. */
function changed(value, [key, ...rest], to) {
  const copy = Array.isArray(value) ? [...value] : {...value};
  if (rest.length > 0) copy[key] = changed(value[key], rest, to);
  else if (to === undefined) delete copy[key];
  else copy[key] = to;
  return copy;
}

function* texts(schema, value) {
  yield ["another kind", 7];
  if (schema.maxLength) {
    const filler = schema.pattern?.startsWith("^https") ? `${value}/` : "";
    // Characters are counted, not bytes.
    const long = (length) => filler + (filler ? "x" : "ü").repeat(length - filler.length);
    yield ["as long as may be", long(schema.maxLength)];
    yield ["too long", long(schema.maxLength + 1)];
  }
  if (schema.minLength) yield ["empty", ""];
  if (schema.pattern?.startsWith("^https")) {
    yield ["an address of another kind", "ftp://example.com/a"];
    yield ["no address", "a.png"];
  }
}

function* numbers(schema) {
  yield ["least", schema.minimum];
  yield ["below the least", schema.minimum - 1];
  yield ["most", schema.maximum];
  yield ["above the most", schema.maximum + 1];
  yield ["a fraction", schema.minimum + 0.5];
  yield ["a text", String(schema.minimum)];
}

/** Other values for one place, with words for what they are. */
function* others(schema, value) {
  if (schema.const !== undefined) yield ["not the only value", "other"];
  else if (schema.enum) {
    for (const allowed of schema.enum) yield [`${allowed}`, allowed];
    yield ["not listed", typeof schema.enum[0] === "number" ? 7 : "other"];
    yield ["another kind", typeof schema.enum[0] === "number" ? "5" : 7];
  } else if (schema.type === "string") yield* texts(schema, value);
  else if (schema.type === "integer") yield* numbers(schema);
  else if (schema.type === "boolean") {
    yield ["the opposite", !value];
    yield ["a text", String(value)];
  } else if (schema.type === "array") {
    yield ["another kind", "one"];
    if (schema.minItems) yield ["none", []];
    if (schema.maxItems && value.length > 0) {
      const item = (_, index) => value[0].index ? {...value[0], index: index + 1} : value[0];
      yield ["too many", Array.from({length: schema.maxItems + 1}, item)];
      if (!value[0].index) yield ["as many as may be", Array.from({length: schema.maxItems}, item)];
    }
  } else if (schema.type === "object") yield ["another kind", "one"];
}

function* around(schema, value, where) {
  schema = resolved(schema);
  if (schema.oneOf) schema = schema.oneOf.map(resolved).find(({required}) => required.every((name) => name in value));
  if (where.length > 0) for (const [what, to] of others(schema, value)) yield {where, what, to};
  if (schema.properties) {
    yield {where: [...where, "made_up"], what: "unknown", to: true};
    for (const [name, part] of Object.entries(schema.properties)) {
      if (!(name in value) || name === "model") continue;
      yield {where: [...where, name], what: "missing", to: undefined};
      yield* around(part, value[name], [...where, name]);
    }
  }
  if (schema.items) for (const index of value.keys()) yield* around(schema.items, value[index], [...where, index]);
}

/** What the schema cannot say: see the document's introduction. */
function beyondTheSchema(request) {
  const {multi_shot: several, shot_type: type, multi_prompt: shots} = request.model_params ?? {};
  if (several !== true || type !== "customize" || !Array.isArray(shots)) return false;
  const sum = shots.reduce((seconds, shot) => seconds + Number(shot.duration), 0);
  return sum !== (request.duration ?? 5) || shots.some((shot, position) => shot.index !== position + 1);
}

/** {name, request} for all of Kling's examples. */
export function* boundaries() {
  for (const [name, schema] of Object.entries(schemas).filter(([name]) => name.startsWith("Kling")))
    for (const [number, example] of schema.examples.entries()) {
      yield {name: `${name} ${number}`, request: example};
      for (const {where, what, to} of around(schema, example, [])) {
        const request = changed(example, where, to);
        if (!beyondTheSchema(request)) yield {name: `${name} ${number}: ${where.join(".")} ${what}`, request};
      }
    }
}
