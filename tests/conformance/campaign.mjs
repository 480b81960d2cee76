// A folder to run the program in, against one address of the API.
import {spawn} from "node:child_process";
import {mkdtempSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import path from "node:path";
import {source} from "./document.mjs";
import {program} from "./local_gateway.mjs";

export class Campaign {
  constructor(manifest) {
    this.folder = mkdtempSync(path.join(tmpdir(), "callsheet-conformance-"));
    for (const part of ["images", "videos"]) symlinkSync(path.join(source, "manifests", part), path.join(this.folder, part));
    this.write("campaign.yaml", manifest);
  }

  write(name, text) {
    writeFileSync(path.join(this.folder, name), text);
    return name;
  }

  /** {status, out, err} of `callsheet ...words`; the status is null where it took a minute. */
  run(address, ...words) {
    const env = {PATH: process.env.PATH, HOME: this.folder, CI: "1", EVOLINK_BASE_URL: address, EVOLINK_FILES_URL: address, EVOLINK_API_KEY: "conformance"};
    return new Promise((resolve) => {
      const child = spawn(program, words, {cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000});
      const heard = {out: "", err: ""};
      child.stdout.on("data", (data) => { heard.out += data; });
      child.stderr.on("data", (data) => { heard.err += data; });
      child.on("close", (status) => resolve({status, ...heard}));
    });
  }

  remove() {
    rmSync(this.folder, {recursive: true, force: true});
  }
}
