// Stands between the client and a server of the API, and keeps all that passes.
import http from "node:http";

export class Recorder {
  /** `loses(request)`: whether its answer is not handed on, though the server has acted. `adds(request)`: headers for the server.
   * `instead(request)`: an answer that the server is not asked for. `elsewhere`: the address that the server says it has. */
  static async start(server, {loses = () => false, elsewhere = server, adds = () => ({}), instead = () => undefined} = {}) {
    const recorder = new Recorder();
    recorder.exchanges = [];
    recorder.server = http.createServer(async (incoming, outgoing) => {
      const request = {method: incoming.method, target: incoming.url, headers: incoming.headers, body: await all(incoming)};
      const answer = instead(request) ?? await ask(server, {...request, headers: {...request.headers, ...adds(request)}});
      // Links lead through here, too: the client fetches from no other address of this machine.
      if (answer.headers["content-type"] === "application/json") {
        delete answer.headers["transfer-encoding"];
        answer.body = Buffer.from(String(answer.body).replaceAll(elsewhere, recorder.address));
        answer.headers["content-length"] = String(answer.body.length);
      }
      recorder.exchanges.push({request, answer});
      if (loses(request)) return outgoing.destroy();
      outgoing.writeHead(answer.status, answer.headers);
      if (answer.broken) outgoing.write(answer.body, () => outgoing.destroy());
      else outgoing.end(answer.body);
    });
    await new Promise((resolve) => recorder.server.listen(0, "127.0.0.1", resolve));
    recorder.address = `http://127.0.0.1:${recorder.server.address().port}`;
    return recorder;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function all(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What comes of an answer, and whether it breaks off. */
async function whatComes(response) {
  const pieces = [];
  response.on("data", (piece) => pieces.push(piece));
  const broken = await new Promise((resolve) => response.on("end", () => resolve(false)).on("error", () => resolve(true)));
  return {status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces), broken};
}

function ask(server, {method, target, headers, body}) {
  return new Promise((resolve, reject) => {
    const request = http.request(server + target, {method, headers, agent: false}, (response) => resolve(whatComes(response)));
    request.on("error", reject);
    request.end(body);
  });
}
