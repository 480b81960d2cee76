// `callsheet gateway` on a free port, and calls to it that are put before the judge.
import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import path from "node:path";
import {judge, nameOf} from "./document.mjs";

export const program = process.env.CALLSHEET_PROGRAM;
assert.ok(program, "CALLSHEET_PROGRAM names the program");

export class LocalGateway {
  static async start({flags = [], storm} = {}) {
    const gateway = new LocalGateway();
    gateway.folder = mkdtempSync(path.join(tmpdir(), "callsheet-conformance-"));
    const all = ["gateway", "--state", path.join(gateway.folder, "state"), "--fast", ...flags];
    if (storm) {
      writeFileSync(path.join(gateway.folder, "storm.yaml"), `version: 1\nstorm: conformance\n${storm}`);
      all.push("--storm", path.join(gateway.folder, "storm.yaml"));
    }
    gateway.process = spawn(program, all, {stdio: ["ignore", "pipe", "pipe"]});
    let heard = "";
    gateway.process.stderr.on("data", (data) => { heard += data; });
    gateway.address = await new Promise((resolve, reject) => {
      gateway.process.stdout.once("data", (data) => resolve(String(data).trim()));
      gateway.process.once("exit", () => reject(new Error(heard)));
    });
    return gateway;
  }

  async close() {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await gone;
    rmSync(this.folder, {recursive: true, force: true});
  }

  /** The exchange, with what the judge finds wrong with the request; an answer that is not as documented fails. */
  async ask(method, target, {body, headers = {}, key = "conformance"} = {}) {
    const sent = {...(key ? {authorization: `Bearer ${key}`} : {}), ...headers};
    let bytes = Buffer.alloc(0);
    if (body instanceof Buffer) bytes = body;
    else if (body !== undefined) {
      bytes = Buffer.from(JSON.stringify(body));
      sent["content-type"] = "application/json";
    }
    const response = await fetch(this.address + target, {method, headers: sent, body: bytes.length ? bytes : undefined});
    const answer = {status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.from(await response.arrayBuffer())};
    const exchange = {request: {method, target, headers: {...sent, "content-length": String(bytes.length)}, body: bytes}, answer};
    const verdict = await judge(exchange);
    const name = nameOf(exchange);
    assert.deepEqual(verdict.answer, [], `${name}: ${answer.body.subarray(0, 500)}`);
    return {...exchange, name, violations: verdict.request, json: /json/.test(answer.headers["content-type"]) ? JSON.parse(answer.body) : undefined};
  }

  create(body, options = {}) {
    return this.ask("POST", "/v1/videos/generations", {body, ...options});
  }

  /** The task's answer once it has ended. */
  async ended(id) {
    for (;;) {
      const read = await this.ask("GET", `/v1/tasks/${id}`);
      if (["completed", "failed"].includes(read.json?.status)) return read;
      await new Promise(setImmediate);
    }
  }
}
