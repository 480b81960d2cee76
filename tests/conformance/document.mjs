// The document, and the verdict of a validator that is not ours (Stoplight's Prism) on what went over the wire.
import {readFileSync} from "node:fs";
import path from "node:path";
import {createInstance, getHttpOperationsFromSpec} from "@stoplight/prism-http";
import YAML from "yaml";

export const source = path.resolve(import.meta.dirname, "../..");
export const documentFile = path.join(source, "schemas/local-gateway.openapi.yaml");
export const document = YAML.parse(readFileSync(documentFile, "utf8"));
export const operations = await getHttpOperationsFromSpec(documentFile);

const nothing = () => {};
export const silent = {info: nothing, warn: nothing, error: nothing, debug: nothing, trace: nothing, success: nothing, child: () => silent};

const answers = new WeakMap();
const prism = createInstance(
    {isProxy: true, upstream: new URL("http://unused.invalid"), upstreamProxy: undefined, errors: false, checkSecurity: true,
      validateRequest: true, validateResponse: true, mock: {dynamic: false}},
    // What came back is known already: nothing is sent anywhere.
    {logger: silent, forward: ({data}) => () => async () => ({_tag: "Right", right: answers.get(data)})});

const told = (violations) => violations.map(({path: where, message}) => `${(where ?? []).join(".")}: ${message}`);
const isJson = (headers) => /^application\/json\b/.test(headers["content-type"] ?? "");

/** What is wrong with a request and its answer. Headers are an object with lower-case names, bodies are Buffers. */
export async function judge({request, answer}) {
  const url = new URL(request.target, "http://unused.invalid");
  const body = request.body.length === 0 ? undefined :
      isJson(request.headers) ? parsed(request.body) : request.body.toString("latin1");
  const input = {
    method: request.method.toLowerCase(),
    url: {path: url.pathname, query: Object.fromEntries(url.searchParams)},
    headers: request.headers,
    body,
  };
  answers.set(input, {statusCode: answer.status, headers: answer.headers, body: isJson(answer.headers) ? parsed(answer.body) : undefined});
  const outcome = await prism.request(input, operations)();
  if (outcome._tag === "Left") return {request: [String(outcome.left)], answer: []};
  const {validations} = outcome.right;
  return {request: told(validations.input), answer: told(validations.output)};
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body.toString();
  }
}

/** "createVideoGeneration 402", as the document calls it. */
export function nameOf({request, answer}) {
  const {pathname} = new URL(request.target, "http://unused.invalid");
  const found = Object.keys(document.paths)
      .filter((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname))
      .sort((a, b) => a.split("{").length - b.split("{").length)[0];
  const operation = found && document.paths[found][request.method.toLowerCase()];
  return `${operation ? operation.operationId : `${request.method} ${pathname}`} ${answer.status}`;
}

/** All that the document promises, by those names. */
export function promised() {
  return Object.values(document.paths).flatMap((item) => Object.values(item)).flatMap(
      (operation) => Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`));
}
