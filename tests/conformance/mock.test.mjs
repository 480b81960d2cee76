// The client against the validator's own server, which knows the document and nothing else: it refuses (400) what is not in it,
// and answers with the document's examples. It remembers nothing, so that every task is the same one, completed at once; clips
// it has none, so that one from elsewhere stands where the example's link leads.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import path from "node:path";
import {after, before, describe, test} from "node:test";
import {createServer} from "@stoplight/prism-http-server";
import {Campaign} from "./campaign.mjs";
import {document, nameOf, operations, silent} from "./document.mjs";
import {LocalGateway} from "./local_gateway.mjs";
import {Recorder} from "./recorder.mjs";

const example = document.servers[0].url.replace("{port}", document.servers[0].variables.port.default);
let mock, mocked, clip;

before(async () => {
  mock = createServer(operations, {cors: false, components: {logger: silent},
    config: {isProxy: false, errors: true, checkSecurity: true, validateRequest: true, validateResponse: true, mock: {dynamic: false}}});
  mocked = await mock.listen(0, "127.0.0.1");
  const gateway = await LocalGateway.start();
  const {json: {id}} = await gateway.create({model: "kling-v3-text-to-video", prompt: "a kite"});
  const {json: {results}} = await gateway.ended(id);
  clip = (await gateway.ask("GET", new URL(results[0]).pathname)).answer;
  await gateway.close();
});
after(() => mock.close());

/** `prefer(name, number)`: what the mock is asked to answer to the number-th request of that operation. */
async function run(task, {prefer = () => undefined, status = 0} = {}) {
  const asked = new Map();
  const recorder = await Recorder.start(mocked, {
    elsewhere: example,
    instead: ({target}) => target.startsWith("/results/") ? {status: clip.status, headers: {...clip.headers}, body: clip.body} : undefined,
    adds: (request) => {
      const name = nameOf({request, answer: {status: ""}}).trim();
      asked.set(name, (asked.get(name) ?? 0) + 1);
      const wish = prefer(name, asked.get(name));
      return wish ? {prefer: wish} : {};
    },
  });
  const campaign = new Campaign(`version: 1\ncampaign: mock\nbudget: {cap: 100 credits}\ntasks: [{name: clip, duration: 5, ${task}}]\noutputs: {dir: out, file: clip.mp4}\n`);
  try {
    const outcome = await campaign.run(recorder.address, "run", "campaign.yaml", "--no-probe");
    assert.equal(outcome.status, status, `${outcome.out}\n${outcome.err}\n${recorder.exchanges.map(nameOf).join("\n")}`);
    const told = await campaign.run(recorder.address, "report", "--format", "json");
    const report = told.status === 0 ? JSON.parse(told.out) : undefined;  // where nothing was begun there is none
    if (status === 0) assert.ok(readFileSync(path.join(campaign.folder, "out/clip.mp4")).equals(clip.body));
    return {...outcome, report, names: recorder.exchanges.map(nameOf)};
  } finally {
    await recorder.close();
    campaign.remove();
  }
}

const text = "model: kling-v3-text-to-video, prompt: a kite";
const ofTheClip = (name) => !name.startsWith("getCredits");

// Side by side: most of the time is waiting for a task or for another try.
describe("the client against the mock server", {concurrency: 16}, () => {
  test("what the document does not know, the mock server does not take", async () => {
    const headers = {authorization: "Bearer any", "content-type": "application/json"};
    const body = {model: "kling-v3-text-to-video", prompt: "a kite"};
    const status = async (order) => (await fetch(`${mocked}/v1/videos/generations`, {method: "POST", headers, body: JSON.stringify(order)})).status;
    assert.equal(await status(body), 200);
    assert.equal(await status({...body, made_up: true}), 400);
  });

  test("a clip from beginning to end", async () => {
    const {report, names} = await run(text);
    assert.deepEqual(names.filter(ofTheClip), ["createVideoGeneration 200", "getTaskDetail 200", "getResult 200"]);
    assert.equal(report.totals.billed.units, 270000);
  });

  test("a clip of a picture that is uploaded", async () => {
    const {names} = await run("model: kling-v3-image-to-video, image_start: images/sneaker.jpg");
    // Once, though the example says that it has expired long since.
    assert.deepEqual(names.filter(ofTheClip), ["uploadStream 200", "createVideoGeneration 200", "getTaskDetail 200", "getResult 200"]);
  });

  for (const [code, status] of [[400, 100], [402, 5], [403, 100], [409, 6], [413, 100], [429, 0], [500, 6], [503, 0]])
    test(`${code} to the create request`, async () => {
      const {names, report} = await run(text, {status, prefer: (name, number) =>
        name === "createVideoGeneration" && number === 1 ? `code=${code}` : undefined});
      assert.ok(names.includes(`createVideoGeneration ${code}`));
      // Only what certainly made nothing is asked for again.
      const creates = names.filter((name) => name.startsWith("create"));
      assert.equal(creates.length, status === 0 ? 2 : 1, creates.join());
      assert.equal(report.totals.held.units > 0, status === 6);
    });

  for (const [code, status] of [[429, 0], [500, 0], [503, 0]])
    test(`${code} to the question for a task`, async () => {
      const {names} = await run(text, {status, prefer: (name, number) => name === "getTaskDetail" && number === 1 ? `code=${code}` : undefined});
      assert.ok(names.includes(`getTaskDetail ${code}`));
    });

  test("a key that is not known", async () => {
    const {names, err} = await run(text, {status: 2, prefer: () => "code=401"});
    assert.deepEqual(names, ["getCredits 401"]);
    assert.match(err, /key/);
  });

  test("a task that failed", async () => {
    const {report} = await run(`takes: 1, ${text}`, {status: 100, prefer: (name) => name === "getTaskDetail" ? "example=failed" : undefined});
    assert.equal(report.totals.made, 0);
  });
});
