// What the same work costs without callsheet: a script that creates, reads and fetches N instant tasks over kept
// connections and writes the clips, with no ledger, limits or checks. A yardstick for tools/bench/run: machines differ by
// more than programs do.
//   EVOLINK_BASE_URL=... node bare_client.mjs TASKS IN_FLIGHT FOLDER
import fs from 'node:fs';
import http from 'node:http';

const base = new URL(process.env.EVOLINK_BASE_URL);
const [tasks, inFlight, folder] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const agent = new http.Agent({ keepAlive: true, maxSockets: inFlight });

function ask(method, path, body) {
  const headers = { authorization: 'Bearer bench' };
  if (body) Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  return new Promise((resolve, reject) => {
    const request = http.request({ host: base.hostname, port: base.port, path, method, agent, headers }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve(Buffer.concat(pieces)));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function make(number) {
  const order = { model: 'kling-v3-text-to-video', prompt: `scene ${number}`, duration: 3, quality: '720p', sound: 'off' };
  const created = JSON.parse(await ask('POST', '/v1/videos/generations', JSON.stringify(order)));
  if (!created.id) throw new Error(JSON.stringify(created));
  let task;
  do task = JSON.parse(await ask('GET', `/v1/tasks/${created.id}`));
  while (task.status !== 'completed');
  const link = new URL(task.results[0]);
  fs.writeFileSync(`${folder}/${number}.mp4`, await ask('GET', link.pathname + link.search));
}

let next = 0;
async function work() {
  while (next < tasks) await make(next++);
}

const before = process.cpuUsage();
await Promise.all(Array.from({ length: inFlight }, work));
const { user, system } = process.cpuUsage(before);
console.log(((user + system) / tasks).toFixed(1));
process.exit(0);
