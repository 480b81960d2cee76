// The document itself, before a validator of OpenAPI documents.
import assert from "node:assert/strict";
import test from "node:test";
import {Validator} from "@seriousme/openapi-schema-validator";
import {document, documentFile, judge, operations, promised} from "./document.mjs";

test("the document is OpenAPI 3.1, and a broken one is not", async () => {
  const sound = await new Validator().validate(documentFile);
  assert.ok(sound.valid, JSON.stringify(sound.errors, null, 1));
  const operation = document.paths["/v1/credits"].get;
  const broken = {...document, paths: {...document.paths, "/v1/credits": {get: {...operation, responses: {200: {}}}}}};
  assert.ok(!(await new Validator().validate(structuredClone(broken))).valid, "an answer without a description");
});

test("the document's own examples are what it says", async () => {
  const headers = {authorization: "Bearer any", "content-type": "application/json", "content-length": "1"};
  const create = async (value) => judge({
    request: {method: "POST", target: "/v1/videos/generations", headers, body: Buffer.from(JSON.stringify(value))},
    answer: {status: 500, headers: {}, body: Buffer.alloc(0)},
  });
  let checked = 0;
  for (const [name, schema] of Object.entries(document.components.schemas))
    for (const example of schema.examples ?? []) {
      assert.deepEqual((await create(example)).request, [], `${name}: ${JSON.stringify(example)}`);
      ++checked;
    }
  assert.ok(checked >= 20, `${checked} requests`);
});

test("the validator reads every operation of the document", () => {
  const read = operations.flatMap(({iid, responses}) => responses.map(({code}) => `${iid} ${code}`));
  assert.deepEqual(read.sort(), promised().sort());
});
