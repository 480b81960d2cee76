// Whatever the local gateway answers is what the document says, and it takes and refuses what the document takes and refuses.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import http from "node:http";
import path from "node:path";
import test from "node:test";
import {boundaries} from "./boundaries.mjs";
import {document, judge, promised, source} from "./document.mjs";
import {LocalGateway} from "./local_gateway.mjs";

const seen = new Map();  // by name, one exchange of each kind

async function with_gateway(options, work) {
  const gateway = await LocalGateway.start(options);
  const ask = gateway.ask.bind(gateway);
  gateway.ask = async (...call) => {
    const exchange = await ask(...call);
    if (!seen.has(exchange.name)) seen.set(exchange.name, exchange);
    return exchange;
  };
  try {
    await work(gateway);
  } finally {
    await gateway.close();
  }
}

const order = {model: "kling-v3-text-to-video", prompt: "a kite", duration: 3};
const element = document.components.schemas.KlingCustomElement.examples[0];
const picture = readFileSync(path.join(source, "manifests/images/kettle-square.jpg"));
const video = readFileSync(path.join(source, "manifests/videos/sway.mp4"));

function form(parts) {
  const boundary = "conformance-0123456789";
  const pieces = Object.entries(parts).map(([name, content]) => Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${content instanceof Buffer ? '; filename="a"\r\nContent-Type: application/octet-stream' : ""}\r\n\r\n`),
    Buffer.from(content), Buffer.from("\r\n")]));
  return {body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    headers: {"content-type": `multipart/form-data; boundary=${boundary}`}};
}

const pathOf = (link) => new URL(link).pathname;
const good = ({violations, answer, json}, status = 200) => {
  assert.deepEqual(violations, []);
  assert.equal(answer.status, status, JSON.stringify(json));
  return json;
};

test("what goes well", async () => {
  await with_gateway({}, async (gateway) => {
    const made = good(await gateway.create(order, {headers: {"idempotency-key": "conformance-0123456789"}}));
    good(await gateway.create(order, {headers: {"idempotency-key": "conformance-0123456789"}}));
    assert.equal(seen.get("createVideoGeneration 200").json.id, made.id);
    const clip = good(await gateway.ended(made.id)).results[0];
    const whole = await gateway.ask("GET", pathOf(clip), {key: null});
    good(whole);
    const etag = whole.answer.headers.etag;
    good(await gateway.ask("GET", pathOf(clip), {key: null, headers: {range: "bytes=10-19", "if-range": etag}}), 206);
    good(await gateway.ask("GET", pathOf(clip), {key: null, headers: {range: "bytes=99999999-"}}), 416);
    const {result_data: {element_id}} = good(await gateway.ended(good(await gateway.create(element)).id));
    const shows = {model: "kling-v3-image-to-video", image_start: "https://example.com/a.png", model_params: {element_list: [{element_id}]}};
    good(await gateway.create(shows));
    good(await gateway.create({...document.components.schemas.OtherModel.examples[0]}));
    const list = good(await gateway.ask("GET", "/v1/tasks?type=video&page=1&page_size=3"));
    assert.equal(list.data.length, 3);
    good(await gateway.ask("POST", "/v1/tasks/batch", {body: {task_ids: [made.id, "task-unified-1-00000000"]}}));
    good(await gateway.ask("GET", "/v1/credits"));
    good(await gateway.ask("GET", "/audit"));
    const uploaded = good(await gateway.ask("POST", "/api/v1/files/upload/base64",
        {body: {base64_data: picture.toString("base64"), upload_path: "kettles", file_name: "kettle.jpg"}}));
    good(await gateway.ask("POST", "/api/v1/files/upload/stream", form({file: picture})));
    const sway = good(await gateway.ask("POST", "/api/v1/files/upload/stream", form({file_name: "sway.mp4", file: video})));
    good(await gateway.ask("GET", "/api/v1/files/quota"));
    for (const link of [uploaded.data.file_url, uploaded.data.download_url, sway.data.file_url]) {
      good(await gateway.ask("GET", pathOf(link), {key: null}));
      good(await gateway.ask("GET", pathOf(link), {key: null, headers: {range: "bytes=0-9"}}), 206);
      good(await gateway.ask("GET", pathOf(link), {key: null, headers: {range: "bytes=99999999-"}}), 416);
    }
  });
});

test("what is refused", async () => {
  await with_gateway({flags: ["--key", "conformance", "--balance", "20", "--deny", "kling-o3-text-to-video", "--outage", "kling-o1-image-to-video"]},
      async (gateway) => {
        for (const [template, item] of Object.entries(document.paths))
          for (const [method, {security}] of Object.entries(item)) {
            if (security) continue;  // a link
            for (const key of [null, "another"]) {
              const {answer, violations} = await gateway.ask(method.toUpperCase(), template.replace("{task_id}", "task-unified-1-00000000"), {key});
              assert.equal(answer.status, 401, template);
              assert.ok(key || violations.some((violation) => /security/i.test(violation)), violations.join("\n"));
            }
          }
        const status = async (body, options) => (await gateway.create(body, options)).answer.status;
        assert.equal(await status({...order, duration: 5}), 402);
        assert.equal(await status({...order, model: "kling-o3-text-to-video"}), 403);
        assert.equal(await status({...order, model: "kling-o1-image-to-video", duration: 5, image_urls: ["https://example.com/a.png"]}), 503);
        const headers = {"idempotency-key": "conformance-0123456789"};
        assert.equal(await status(order, {headers}), 200);
        assert.equal(await status({...order, prompt: "a gull"}, {headers}), 409);
        assert.equal(await status(order, {headers: {"idempotency-key": "short"}}), 400);
        assert.equal(await status({...order, prompt: "x".repeat(1 << 20)}), 413);
        assert.equal(await status(Buffer.from("{"), {headers: {"content-type": "application/json"}}), 400);
        for (const [method, target, options] of [
          ["GET", "/v1/tasks/7"], ["GET", "/v1/tasks/task-unified-1-00000000"],
          ["POST", "/v1/tasks/batch", {body: {task_ids: Array(51).fill("task-unified-1-00000000")}}],
          ["POST", "/api/v1/files/upload/base64", {body: {base64_data: "bm8gcGljdHVyZQ=="}}],
          ["POST", "/api/v1/files/upload/base64", {body: {}}],
          ["POST", "/api/v1/files/upload/stream", form({file_name: "a"})],
          ["POST", "/api/v1/files/upload/url", {body: {file_url: "http://127.0.0.1:1/a.png"}}],
          ["POST", "/api/v1/files/upload/stream", form({file: Buffer.from("no picture")})],
          ["GET", "/results/task-unified-1-00000000/0123456789abcdef01234567.mp4", {key: null}],
          ["GET", "/files/uploads/a.png", {key: null}], ["GET", "/api/v1/files/download/file-0", {key: null}]]) {
          const {answer} = await gateway.ask(method, target, options);
          assert.ok([400, 404].includes(answer.status), `${target} ${answer.status}`);
        }
      });
  await with_gateway({flags: ["--rate", "1"]}, async (gateway) => {
    await gateway.create(order);
    assert.match((await gateway.create(order)).answer.headers["retry-after"], /^[0-9]+$/);
  });
  await with_gateway({flags: ["--link-life", "0"]}, async (gateway) => {
    const {json} = await gateway.ended((await gateway.create(order)).json.id);
    assert.equal((await gateway.ask("GET", pathOf(json.results[0]), {key: null})).answer.status, 410);
  });
});

test("a file that is uploaded from where it stands", async () => {
  const host = http.createServer((request, answer) => answer.end(picture));
  await new Promise((resolve) => host.listen(0, "127.0.0.1", resolve));
  await with_gateway({flags: ["--reach-anywhere"]}, async (gateway) => {
    const file_url = `http://127.0.0.1:${host.address().port}/kettle.jpg`;
    const uploaded = good(await gateway.ask("POST", "/api/v1/files/upload/url", {body: {file_url}}));
    assert.equal(uploaded.data.file_name, "kettle.jpg");
    assert.ok((await gateway.ask("GET", pathOf(uploaded.data.file_url), {key: null})).answer.body.equals(picture));
  });
  host.closeAllConnections();
  host.close();
});

test("what storms do", async () => {
  await with_gateway({storm: "create: {rate_limit: 0.3, error: 0.3, refuse_content: 0.3}\nreads: {rate_limit: 0.4, error: 0.4}\n" +
      "tasks: {fail: 0.5, refund_withheld: 0.2, hide_billing: 0.5}\n"}, async (gateway) => {
    const statuses = new Set();
    const ids = ["task-unified-1-00000000"];
    for (let i = 0; i < 60; ++i) {
      const {answer, json} = await gateway.create(order);
      statuses.add(answer.status);
      if (json.id) ids.push(json.id);
    }
    assert.deepEqual([...statuses].sort(), [200, 400, 429, 500]);
    const waits = new Set();
    for (let i = 0; i < 20; ++i)
      for (const [method, target, options] of [
        ["GET", `/v1/tasks/${ids[i % ids.length]}`], ["GET", "/v1/tasks"], ["POST", "/v1/tasks/batch", {body: {task_ids: ids.slice(0, 50)}}]]) {
        const {answer} = await gateway.ask(method, target, options);
        if (answer.status === 429) waits.add((answer.headers["retry-after"] ?? "not told").replace(/.*GMT$/, "a date"));
      }
    assert.deepEqual([...waits].sort(), ["1", "a date", "not told"]);
  });
  await with_gateway({storm: "outages: [{start_ms: 0, length_ms: 600000}]\n"}, async (gateway) => {
    const fill = {"{task_id}": "task-unified-1-00000000", "{file_id}": "f", "{folder}": "uploads", "{name}": "0123456789abcdef01234567.mp4"};
    for (const [template, item] of Object.entries(document.paths))
      for (const method of Object.keys(item)) {
        const {answer} = await gateway.ask(method.toUpperCase(), template.replaceAll(/\{\w+\}/g, (name) => fill[name]));
        assert.equal(answer.status, template === "/audit" ? 200 : 503, template);
      }
  });
});

test("every answer that the document promises was given, and is refused where a part of it is gone", async () => {
  // Files are kept for three days, and 100 MiB are a long way for one test.
  const left_out = ["downloadUpload 410", "getUpload 410", "uploadBase64 413", "uploadStream 413", "uploadUrl 413"];
  assert.deepEqual(promised().filter((name) => !seen.has(name)).sort(), left_out);
  let refused = 0;
  for (const [name, exchange] of seen) {
    if (!exchange.json) continue;
    for (const field of Object.keys(exchange.json)) {
      const {[field]: gone, ...rest} = exchange.json;
      const spoilt = [rest, {...exchange.json, [field]: gone === null ? 7 : null}, {...exchange.json, made_up: 1}];
      for (const value of spoilt) {
        const verdict = await judge({...exchange, answer: {...exchange.answer, body: Buffer.from(JSON.stringify(value))}});
        const optional = value === rest && ["billing", "usage"].includes(field) && !name.startsWith("create");
        assert.equal(verdict.answer.length > 0, !optional, `${name} ${JSON.stringify(value)}`);
        ++refused;
      }
    }
  }
  assert.ok(refused > 100, `${refused}`);
});

test("the gateway takes and refuses what the document takes and refuses, up to the last step", async () => {
  // All tasks fail, so that no clip has to be made.
  await with_gateway({flags: ["--fail", "1", "--balance", "1000000"]}, async (gateway) => {
    let taken = 0, refused = 0;
    const apart = [];
    for (const {name, request} of boundaries()) {
      const {answer, json, violations} = await gateway.create(request);
      const takes = answer.status === 200;
      assert.ok(takes || (answer.status === 400 && json.error.param), `${name}: ${answer.body}`);
      if (takes) ++taken; else ++refused;
      if (takes !== (violations.length === 0)) apart.push(`${name}: ${takes ? "taken" : json.error.message}; ${violations.slice(0, 3)}`);
    }
    assert.deepEqual(apart, []);
    assert.ok(taken > 200 && refused > 400, `${taken} taken, ${refused} refused`);
  });
});

test("a callback says what the document says", async () => {
  let heard;
  const called = new Promise((resolve) => { heard = resolve; });
  const receiver = http.createServer((request, answer) => {
    let body = "";
    request.on("data", (piece) => { body += piece; }).on("end", () => { answer.end(); heard({type: request.headers["content-type"], body: Buffer.from(body)}); });
  });
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const callback_url = `http://127.0.0.1:${receiver.address().port}/hooks`;
  await with_gateway({flags: ["--reach-anywhere"]}, async (gateway) => {
    const {id} = good(await gateway.create({...order, callback_url}));
    const {type, body} = await called;
    // Its form is that of the question for the task.
    const question = {method: "GET", target: `/v1/tasks/${id}`, headers: {authorization: "Bearer any"}, body: Buffer.alloc(0)};
    const verdict = await judge({request: question, answer: {status: 200, headers: {"content-type": type, "x-request-id": "1"}, body}});
    assert.deepEqual(verdict, {request: [], answer: []});
    const {content} = document.paths["/v1/videos/generations"].post.callbacks.ended["{$request.body#/callback_url}"].post.requestBody;
    assert.deepEqual(content, {"application/json": {schema: document.paths["/v1/tasks/{task_id}"].get.responses["200"].content["application/json"].schema}});
  });
  receiver.close();
});
