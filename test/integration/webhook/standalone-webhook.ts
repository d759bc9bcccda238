import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TLSSocket } from 'node:tls';
import type { AdmissionReview } from '../../../src/webhook/admission/answers.js';
import { buildPrograms, builtCommand } from '../../support/built-program.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Empty where the answer is no JSON. */
  readonly review: AdmissionReview;
  /** Of the certificate that was shown. */
  readonly fingerprint: string;
}

const answerOf = async (response: IncomingMessage): Promise<Answer> => {
  const fingerprint = response.socket instanceof TLSSocket ? response.socket.getPeerCertificate().fingerprint256 : '';
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  let review = {} as AdmissionReview;
  try {
    review = JSON.parse(text) as AdmissionReview;
  } catch {
    // Health and metrics are text.
  }
  return { status: response.statusCode ?? 0, text, review, fingerprint };
};

/** `virt-webhook --standalone` as it is built, with the limits of V8 that it has then: memory is measured. */
export class StandaloneWebhook {
  private constructor(
    readonly process: ChildProcess,
    readonly port: number,
    readonly ca: string,
    private readonly directory: string,
  ) {}

  /** Serves when it resolves. `flags`: more of the command line. */
  static async start(...flags: readonly string[]): Promise<StandaloneWebhook> {
    const directory = mkdtempSync(join(tmpdir(), 'virt-webhook-test-'));
    buildPrograms('virt-webhook');
    const argv = ['--standalone', '--cert-dir', directory, '--listen', '127.0.0.1:0', ...flags];
    const child = spawn(...builtCommand('virt-webhook', argv), { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`virt-webhook ended with ${code ?? 'a signal'}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { msg, address } = JSON.parse(line) as { msg: string; address?: string };
        if (msg.startsWith('serving')) resolve(Number(address?.split(':').at(-1)));
      });
    });
    return new StandaloneWebhook(child, port, readFileSync(join(directory, 'ca.crt'), 'utf8'), directory);
  }

  get rssMib(): number {
    const status = readFileSync(`/proc/${this.process.pid ?? 0}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  }

  /** POSTs JSON over a connection of its own, unless `options` say otherwise. */
  async call(path: string, body: string | Buffer, options: RequestOptions = {}): Promise<Answer> {
    const { ca, port } = this;
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const fixed = { host: '127.0.0.1', port, path, ca, method: 'POST', headers, agent: false } as const;
    return new Promise((resolve, reject) => {
      const sent = request({ ...fixed, ...options }, (response) => {
        answerOf(response).then(resolve, reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  get(path: string): Promise<Answer> {
    return this.call(path, '', { method: 'GET' });
  }

  /** SIGTERM; gives the exit code. */
  async terminate(): Promise<number> {
    const exit = once(this.process, 'exit') as Promise<[number]>;
    this.process.kill('SIGTERM');
    return (await exit)[0];
  }

  kill(): void {
    this.process.kill('SIGKILL');
    rmSync(this.directory, { recursive: true });
  }
}

/** An AdmissionReview's text; `more` goes into its request. */
export const review = (object: unknown, kind = 'VirtualMachineInstance', more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: `uid-${kind}`,
      kind: { group: 'kubevirt.io', version: 'v1', kind },
      operation: 'CREATE',
      object,
      ...more,
    },
  });
