// The built program, as the tests of its pages start it.
//   CALLSHEET_PROGRAM  the built program
import {execFileSync, spawn} from 'node:child_process';
import {mkdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {after} from 'node:test';

const running = [];
after(() => { for (const child of running) if (child.exitCode === null) child.kill('SIGKILL'); });

/** The program in a folder of its own, which is emptied first. */
export class Program {
  constructor(folder, environment = {}) {
    this.folder = folder;
    this.environment = {...process.env, EVOLINK_API_KEY: 'web-key', CI: '1', ...environment};
    rmSync(folder, {recursive: true, force: true});
    mkdirSync(folder, {recursive: true});
  }

  /** Runs to its end, which must be a good one; what it said on stdout. */
  run(words, environment = {}) {
    return execFileSync(process.env.CALLSHEET_PROGRAM, words,
      {cwd: this.folder, env: {...this.environment, ...environment}, stdio: ['ignore', 'pipe', 'pipe']}).toString().trim();
  }

  /** Goes on running; `address`: the first that it names on `stream` in the words of `pattern`. */
  async start(words, {stream = 'stdout', pattern = /(http\S+)/, environment = {}} = {}) {
    const child = spawn(process.env.CALLSHEET_PROGRAM, words,
      {cwd: this.folder, env: {...this.environment, ...environment}, stdio: ['ignore', 'pipe', 'pipe']});
    running.push(child);
    const address = await new Promise((done, failed) => {
      let said = '';
      createInterface({input: child[stream]}).on('line', text => {
        said += text + '\n';
        const found = text.match(pattern);
        if (found) done(found[1]);
      });
      child[stream === 'stdout' ? 'stderr' : 'stdout'].resume();
      child.once('exit', code => failed(new Error(`ended with ${code}: ${said}`)));
    });
    return {child, address};
  }

  /** The address of a gateway of its own; `scale`: of its latency, 1 is as slow as the real one. */
  async gateway(scale, ...flags) {
    const state = path.join(this.folder, `gateway-${running.length}`);
    return (await this.start(['gateway', '--latency', String(scale), ...flags, '--state', state])).address;
  }
}

/** The exit code, once there is one. */
export const ended = child => new Promise(done =>
  child.exitCode === null && child.signalCode === null ? child.once('exit', done) : done(child.exitCode));
