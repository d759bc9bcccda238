import { Agent, request } from 'node:https';

/** A client like an API server: a few connections that stay open, one request at a time on each. */
export class Client {
  private readonly agent: Agent;

  constructor(
    private readonly port: number,
    connections: number,
  ) {
    // What is measured is the server; its certificate is checked by tests.
    this.agent = new Agent({ keepAlive: true, maxSockets: connections, rejectUnauthorized: false });
  }

  post(path: string, body: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const options = { host: '127.0.0.1', port: this.port, path, method: 'POST', agent: this.agent, headers };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks));
          else reject(new Error(`${path} answered ${response.statusCode ?? 0}: ${Buffer.concat(chunks).toString()}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** As many requests as told, one after the other on each of `lanes` lanes. */
  async postMany(path: string, body: Buffer, count: number, lanes: number): Promise<void> {
    let left = count;
    const lane = async () => {
      while (left > 0) {
        left -= 1;
        await this.post(path, body);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  /** Requests at a fixed rate, whatever the answers do (an open loop: a slow answer delays no other); ms of each. */
  async postAtRate(path: string, body: Buffer, perSecond: number, seconds: number): Promise<number[]> {
    const begun = performance.now();
    const answers: Promise<number>[] = [];
    const timed = async (sent: number) => {
      await this.post(path, body);
      return performance.now() - sent;
    };
    for (let i = 0; i < perSecond * seconds; i += 1) {
      const due = begun + (i * 1000) / perSecond;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      answers.push(timed(performance.now()));
    }
    return Promise.all(answers);
  }

  close(): void {
    this.agent.destroy();
  }
}
