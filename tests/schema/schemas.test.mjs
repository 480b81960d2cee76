// The schemas that editors read and the program that reads manifests must not disagree: a validator that is not ours is
// asked about every manifest there is, good and bad.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import path from "node:path";
import test from "node:test";
import Ajv from "ajv";
import YAML from "yaml";

const source = path.resolve(import.meta.dirname, "../..");
const program = process.env.CALLSHEET_PROGRAM;
assert.ok(program, "CALLSHEET_PROGRAM names the program");

const schema = JSON.parse(readFileSync(path.join(source, "schemas/campaign.schema.json"), "utf8"));
// Unknown keywords are ours: what an editor does not know it leaves alone.
const validate = new Ajv({strict: false, allErrors: true}).compile(schema);

/** What YAML 1.2 makes of the text; undefined: it is none, or aliases beyond what a manifest may hold. */
function parsed(text) {
  const document = YAML.parseDocument(text, {version: "1.2", uniqueKeys: true});
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS({maxAliasCount: 100});
  } catch {
    return undefined;
  }
}

function manifests(folder) {
  return readdirSync(path.join(source, folder)).filter((name) => name.endsWith(".yaml")).map((name) => path.join(source, folder, name));
}

function accepts(file) {
  const run = spawnSync(program, ["validate", file, "--format", "json"], {encoding: "utf8"});
  assert.ok(run.status === 0 || run.status === 2 || run.status === 4, `${file}: exit code ${run.status}\n${run.stderr}`);
  return run.status !== 2;
}

test("the examples are good manifests to both", () => {
  for (const file of manifests("manifests")) {
    assert.ok(validate(parsed(readFileSync(file, "utf8"))), `${file}: ${JSON.stringify(validate.errors)}`);
    assert.ok(accepts(file), file);
  }
});

test("what the schema refuses, the program refuses; what the program takes, the schema takes", () => {
  let refused = 0;
  for (const file of manifests("tests/golden/manifest")) {
    const value = parsed(readFileSync(file, "utf8"));
    const good = value !== undefined && validate(value);
    if (!good) ++refused;
    const taken = accepts(file);
    assert.ok(good || !taken, `${file}: only the program takes it: ${JSON.stringify(validate.errors)}`);
  }
  assert.ok(refused > 60, `only ${refused} bad manifests are bad by the schema alone`);
});

test("an error of form that the program tells is one to the schema, too", () => {
  // These words come from the schema's own rules; what hangs on data, catalog or pictures is told in others.
  const form = /is not a key of|must be (one of|a |an |true|at)|is missing/;
  let checked = 0;
  for (const file of manifests("tests/golden/manifest")) {
    const told = readFileSync(file.replace(/yaml$/, "txt"), "utf8");
    const value = parsed(readFileSync(file, "utf8"));
    if (!told.startsWith(path.basename(file))) continue;  // it is in a file that this one includes
    if (value === undefined || !form.test(told.split("\n")[0])) continue;
    if (/whole number of seconds; it is|pictures? |video/.test(told.split("\n")[0])) continue;
    assert.ok(!validate(value), `${file}: only the program refuses it:\n${told}`);
    ++checked;
  }
  assert.ok(checked > 40, `only ${checked} mistakes of form`);
});

test("every schema is a schema, and the sample report and dispute are what theirs say", () => {
  const read = (...parts) => JSON.parse(readFileSync(path.join(source, ...parts), "utf8"));
  const ajv = new Ajv({strict: false, allErrors: true});
  const ids = new Map(readdirSync(path.join(source, "schemas")).filter((name) => name.endsWith(".schema.json")).map((name) => [name, read("schemas", name).$id ?? name]));
  for (const [name, id] of ids) ajv.addSchema(read("schemas", name), id);  // one may refer to another
  for (const [name, id] of ids) assert.ok(ajv.getSchema(id), name);
  for (const [name, sample] of [["report", "sample.json"], ["dispute", "sample.dispute.json"]]) {
    const check = ajv.getSchema(ids.get(`${name}.schema.json`));
    const document = read("tests/golden/report", sample);
    assert.ok(check(document), JSON.stringify(check.errors));
    assert.ok(!check({...document, clips: [{}]}), `${name}: the schema looks into clips`);
  }
});

test("the standard catalog is what its schema says, and mistakes in one's own are told by both", () => {
  const check = new Ajv({strict: false, allErrors: true}).compile(
      JSON.parse(readFileSync(path.join(source, "schemas/catalog.schema.json"), "utf8")));
  const standard = path.join(source, "manifests/catalog/evolink.yaml");
  assert.ok(check(parsed(readFileSync(standard, "utf8"))), JSON.stringify(check.errors));
  const head = "version: 1\nextends: standard\n";
  const model = "models: [{id: mine, modes: [text-to-video], source: s, duration: {min: 1, max: 9}, qualities: [720p], prompt: {characters_max: 9}";
  const catalogs = new Map([
    [head, true],
    [`${head}${model}}]\n`, true],
    [`${head}${model}, watermrk: true}]\n`, false],
    [`${head}${model}, sounds: [loud]}]\n`, false],
    [`${head}models: [{id: mine, does: sings, source: s}]\n`, true],
    [`${head}models: [{id: mine, does: sings, source: s, qualities: [720p]}]\n`, false],
    [`${head}price_lists: [{name: evolink 2026-10-10, tariffs: [{models: [kling-v3-text-to-video], settlement: request_only, base: 1, factors: {720p: {any: 1}}}]}]\n`, true],
    [`${head}price_lists: [{name: evolink 2026-10-10, tariffs: [{models: [kling-v3-text-to-video], settlement: later, base: 1, factors: {720p: {any: 1}}}]}]\n`, false],
    [`${head}gateways: {mine: {base_url: "https://gateway.example/v1", key_env: MINE_KEY, time_outs: {idle: 9}, poll_interval: {min: 1, max: 9}}}\n`, true],
    [`${head}gateways: {evolink: {patience: 60}, near: {base_url: "http://127.0.0.1:8085", key_env: K}}\n`, true],
    [`${head}gateways: {mine: {base_url: "http://gateway.example", key_env: MINE_KEY}}\n`, false],
    [`${head}gateways: {mine: {base_url: "https://gateway.example", key_env: sk-secret}}\n`, false],
    [`${head}gateways: {mine: {base_url: "https://gateway.example", key: secret}}\n`, false],
    [`${head}gateways: {mine: {key_env: K}}\n`, false],
    [`${head}gateways: {local: {base_url: "https://gateway.example", key_env: K}}\n`, false],
    [`${head}gateways: {mine: {base_url: "https://gateway.example", key_env: K, reads_per_second: 0}}\n`, false],
    [`${head}gateways: {evolink: {task_batch: 50}}\n`, true],
    [`${head}gateways: {evolink: {task_batch: 1}}\n`, false],
    [`${head}gateways: {evolink: {task_batch: 51}}\n`, false],
    ["version: 2\nextends: standard\n", false],
    ["version: 1\n", false],
  ]);
  const folder = mkdtempSync(path.join(tmpdir(), "callsheet-schema-"));
  try {
    for (const [text, good] of catalogs) {
      const file = path.join(folder, "mine.yaml");
      writeFileSync(file, text);
      assert.equal(check(parsed(text)), good, `by the schema: ${text}`);
      assert.equal(spawnSync(program, ["models", "--catalog", file], {encoding: "utf8"}).status === 0, good, `by the program: ${text}`);
    }
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test("every event of a run in a storm is what the schema of events says, as the program prints it", () => {
  const printed = spawnSync(program, ["schema", "events"], {encoding: "utf8"}).stdout;
  const check = new Ajv({strict: false, allErrors: true}).compile(JSON.parse(printed));
  const folder = mkdtempSync(path.join(tmpdir(), "callsheet-events-"));
  try {
    writeFileSync(path.join(folder, "storm.yaml"), "version: 1\nstorm: mixed\ncreate: {refuse_content: 0.5}\n");
    writeFileSync(path.join(folder, "campaign.yaml"), "version: 1\ncampaign: events\nbudget: {cap: 130 credits}\n" +
        "matrix: {n: [1, 2, 3, 4, 5]}\ntasks: [{name: 'clip-{{ n }}', prompt: 'scene {{ n }}', duration: 3}]\n");
    const run = spawnSync(program, ["run", "campaign.yaml", "--local", "--storm", "storm.yaml", "--events", "-"],
        {cwd: folder, encoding: "utf8", timeout: 60_000});
    const events = run.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    for (const event of events) assert.ok(check(event), `${JSON.stringify(event)}: ${JSON.stringify(check.errors)}`);
    const seen = new Set(events.map((event) => event.event));
    for (const kind of ["submitting", "running", "money", "finished", "attempt_failed", "end"]) assert.ok(seen.has(kind), `${kind}\n${run.stderr}`);
    // What only a person brings about, on the run's page.
    const said = ({version, time, run}, more) => ({version, time, run, ...more});
    assert.ok(check(said(events[0], {event: "paused", in_flight: 2})) && check(said(events[0], {event: "went_on"})));
    assert.ok(!check(said(events[0], {event: "paused"})), "how many are still at the gateway has to be told");
    assert.ok(!check({...events[0], version: 2}) && !check({...events[0], event: "other"}), "the schema refuses what it does not know");
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test("sidecars are what their schema says, as the program prints it, and its shared parts are the report's", () => {
  const schema = JSON.parse(spawnSync(program, ["schema", "sidecar"], {encoding: "utf8"}).stdout);
  const report = JSON.parse(readFileSync(path.join(source, "schemas/report.schema.json"), "utf8"));
  for (const [name, definition] of Object.entries(schema.definitions)) assert.deepEqual(definition, report.definitions[name], name);
  const check = new Ajv({strict: false, allErrors: true}).compile(schema);
  const sidecar = JSON.parse(readFileSync(path.join(source, "tests/golden/report/sidecar.json"), "utf8"));
  assert.ok(check(sidecar), JSON.stringify(check.errors));
  assert.ok(!check({...sidecar, callsheet_sidecar: 2}) && !check({...sidecar, note: "mine"}), "the schema refuses what it does not know");
});
