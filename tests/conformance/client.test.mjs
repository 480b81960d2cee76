// Whatever the client asks is what the document allows: campaigns through a recorder, each exchange before the judge.
import assert from "node:assert/strict";
import test from "node:test";
import {Campaign} from "./campaign.mjs";
import {document, judge, nameOf} from "./document.mjs";
import {LocalGateway} from "./local_gateway.mjs";
import {Recorder} from "./recorder.mjs";

const head = "version: 1\nbudget: {cap: 5000 credits}\n";

/** All exchanges of a campaign, judged; and the report. */
async function record(manifest, {flags = [], storm, loses, catalog} = {}) {
  const gateway = await LocalGateway.start({flags, storm});
  const recorder = await Recorder.start(gateway.address, {loses});
  const campaign = new Campaign(head + manifest);
  try {
    const words = catalog ? ["--catalog", campaign.write("catalog.yaml", `version: 1\nextends: standard\n${catalog}`)] : [];
    const run = await campaign.run(recorder.address, "run", "campaign.yaml", "--no-probe", ...words);
    const report = await campaign.run(recorder.address, "report", "--format", "json");
    assert.equal(run.status, 0, run.err);
    for (const exchange of recorder.exchanges) {
      const verdict = await judge(exchange);
      assert.deepEqual(verdict, {request: [], answer: []}, `${nameOf(exchange)}: ${exchange.request.body.subarray(0, 1000)}`);
    }
    return {exchanges: recorder.exchanges, report: JSON.parse(report.out)};
  } finally {
    await recorder.close();
    await gateway.close();
    campaign.remove();
  }
}

const bodies = (exchanges) => exchanges.filter((exchange) => nameOf(exchange).startsWith("createVideoGeneration"))
    .map(({request}) => JSON.parse(request.body));

test("every Kling model, with all that a manifest can say to it", async () => {
  const {exchanges, report} = await record(`campaign: models
elements:
  kettle: {description: a red kettle, frontal: images/kettle-square.jpg, references: [images/kettle.jpg, images/kettle-portrait.jpg]}
  dancer: {description: who sways, video: videos/sway.mp4}
defaults: {duration: 3}
tasks:
  - {name: t1, model: kling-v3-text-to-video, prompt: a kite, negative_prompt: blur, sound: on, quality: 1080p, aspect_ratio: "9:16", watermark: true}
  - {name: t2, model: kling-v3-text-to-video, prompt: a kite in three scenes, shots: auto}
  - {name: t3, model: kling-v3-text-to-video, shots: [{prompt: a harbour, duration: 2}, {prompt: ein Möwenflug, duration: 1}], duration: 3}
  - {name: i1, model: kling-v3-image-to-video, image_start: images/sneaker.jpg, image_end: images/sneaker-end.jpg, prompt: a turn, negative_prompt: blur}
  - {name: i2, model: kling-v3-image-to-video, image_start: "https://example.com/a.png", prompt: "<<<element_1>>>", elements: [kettle], watermark: false}
  - {name: tt, model: kling-v3-turbo-text-to-video, prompt: a kite, aspect_ratio: "1:1", quality: 1080p}
  - {name: ti, model: kling-v3-turbo-image-to-video, image_start: images/kettle.jpg}
  - {name: m3, model: kling-v3-motion-control, mode: motion-control, images: [images/kettle-portrait.jpg], video: videos/sway.mp4, orientation: video, keep_sound: false, elements: [dancer], prompt: on a beach}
  - {name: m2, model: kling-v2.6-motion-control, mode: motion-control, images: [images/kettle-portrait.jpg], video: videos/sway.mp4, orientation: image, watermark: true}
  - {name: o1, model: kling-o3-text-to-video, prompt: "<<<element_1>>> at night", elements: [kettle], sound: on}
  - {name: o2, model: kling-o3-text-to-video, shots: [{prompt: a harbour, duration: 3}]}
  - {name: oi, model: kling-o3-image-to-video, mode: reference-to-video, prompt: "<<<image_1>>>", images: [images/kettle.jpg, images/headphones.jpg], aspect_ratio: "16:9"}
  - {name: of, model: kling-o3-image-to-video, prompt: a turn, image_start: images/sneaker.jpg, image_end: images/sneaker-end.jpg}
  - {name: or, model: kling-o3-reference-to-video, mode: reference-to-video, prompt: a kite, video: videos/sway.mp4, images: [images/kettle.jpg], keep_sound: true, aspect_ratio: "16:9"}
  - {name: oe, model: kling-o3-video-edit, mode: video-edit, prompt: by night, video: videos/sway.mp4, quality: 1080p, keep_sound: false}
  - {name: k1, model: kling-o1-image-to-video, prompt: a turn, image_start: images/sneaker.jpg, image_end: images/sneaker-end.jpg, quality: any, duration: 5}
  - {name: k2, model: kling-o1-video-edit, mode: video-edit, prompt: by night, video: videos/sway.mp4, quality: any}
  - {name: k3, model: kling-o1-video-edit-fast, mode: video-edit, prompt: by night, video: videos/sway.mp4, quality: any, images: [images/kettle.jpg]}
  - {name: x1, model: veo-3.1-fast-generate-preview, prompt: a kite, duration: 4, sound: on}
  - {name: x2, model: seedance-2.0-image-to-video, duration: 4, prompt: another turn, image_start: images/sneaker.jpg, image_end: images/sneaker-end.jpg}
`);
  assert.equal(report.totals.made, 20);
  const models = new Set(bodies(exchanges).map(({model}) => model));
  const known = document.components.schemas.VideoGenerationRequest.oneOf
      .map(({$ref}) => document.components.schemas[$ref.split("/").at(-1)].properties.model).flatMap((model) => model.const ?? model.enum ?? []);
  assert.ok(known.length >= 14, `${known}`);
  assert.deepEqual(known.filter((model) => !models.has(model)), []);
  const names = new Set(exchanges.map(nameOf));
  for (const name of ["getCredits 200", "uploadStream 200", "getTaskDetail 200", "getResult 200"]) assert.ok(names.has(name), name);
  // What the judge has nothing against would be of no use if it had nothing against anything.
  const spoilt = exchanges.find(({request}) => request.body.includes("kling-v3-text-to-video"));
  const body = Buffer.from(JSON.stringify({...JSON.parse(spoilt.request.body), made_up: true}));
  assert.notDeepEqual((await judge({...spoilt, request: {...spoilt.request, body}})).request, []);
});

test("what it asks when things go wrong: the list after a lost answer, the rest of a broken download", async () => {
  let lost = 0;
  const {exchanges, report} = await record(`campaign: mishaps
gateway: {task_list: exclusive}
tasks: [{name: clip, prompt: a kite, duration: 3, takes: 4}]
`, {flags: ["--no-idempotency"], storm: "downloads: {cut: 0.6}\nreads: {error: 0.2, rate_limit: 0.2}\n",
    loses: ({method, target}) => method === "POST" && target.endsWith("/generations") && ++lost === 2});
  assert.equal(report.totals.made, 4);
  const names = new Set(exchanges.map(nameOf));
  for (const name of ["listTasks 200", "getResult 206", "getTaskDetail 500", "getTaskDetail 429"]) assert.ok(names.has(name), [...names].join("\n"));
});

test("what it asks for together, where the gateway takes that", async () => {
  const {exchanges, report} = await record(`campaign: together
tasks: [{name: clip, prompt: a kite, duration: 3, takes: 20}]
`, {flags: ["--latency", "0.05"], storm: "reads: {error: 0.1}\n",
    catalog: "gateways: {evolink: {task_batch: 50, poll_interval: {min: 1, max: 2}}}\n"});
  assert.equal(report.totals.made, 20);
  const names = exchanges.map(nameOf);
  assert.ok(names.includes("getTasks 200"), [...new Set(names)].join("\n"));
  assert.ok(names.filter((name) => /^getTask/.test(name)).length < 20, `${names.filter((name) => /^getTask/.test(name))}`);
});
