import { X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { REQUEST_LIFE_MS, type CertificateRequest } from '../../agent-api/certificate-request.js';
import { AGENT_CERTIFICATE_USAGES, AGENT_SIGNER, nodeUri } from '../../agent-api/identity.js';
import type { KubeClient } from '../../kube/client/client.js';
import { Backoff, sleep, type Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import { certificateRequestPath } from '../../kube/client/resources.js';
import { Recurring } from '../../kube/work/recurring.js';
import { newCertificateRequest } from './certificate-request.js';

/** How often it is looked whether a new certificate is due, hours before the old one ends. */
const CHECK_MS = 60_000;
/**
 * Requested again when this part of the lifetime is over: of a day, that leaves eight hours in which the webhook may be
 * unavailable.
 */
const RENEW_AT = 2 / 3;
/** The webhook signs within a second; asking less often while it is away costs nobody anything. */
const POLL_MS = { first: 500, most: 5_000 };
/** After a refusal; the webhook gives a node one certificate in ten minutes when it asks too often. */
const RETRY_MS = { first: 5_000, most: 300_000 };

interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly parsed: X509Certificate;
}

export interface NodeCertificateOptions {
  readonly client: Pick<KubeClient, 'get' | 'create'>;
  readonly node: string;
  /** The CAs to trust now, PEM; undefined: not known yet. */
  readonly ca: () => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with everything that a TLS server needs, whenever it changes. */
  readonly changed: (tls: SecureContextOptions) => void;
}

/**
 * The certificate of this node's agent: a key that never leaves the process, signed by virt-webhook for the node of our
 * token. Kept current without restart; where the webhook is away, the one that is there serves on.
 */
export class NodeCertificate {
  private readonly work: Recurring;
  private issued: Issued | undefined;
  /** The CA that signed the certificate has been among those to trust. */
  private known = false;
  private shown = '';

  constructor(private readonly options: NodeCertificateOptions) {
    const { clock, log } = options;
    this.work = new Recurring({
      turn: () => this.renew(),
      pause: () => CHECK_MS,
      retry: RETRY_MS,
      failed: 'no new certificate, trying again',
      clock,
      log,
    });
  }

  /** Why nobody can be served yet, or undefined. */
  notReady(): string | undefined {
    if (this.issued === undefined) return 'virt-webhook has not signed a certificate for this agent yet';
    return this.options.ca() === undefined ? 'the CA of virt-webhook is not known yet' : undefined;
  }

  start(): void {
    this.work.start();
  }

  stop(): Promise<void> {
    return this.work.stop();
  }

  /** What is known has changed: look now instead of in a minute. */
  check(): void {
    const ca = this.options.ca();
    if (this.issued === undefined || ca === undefined) return;
    if (isOf(this.issued.parsed, ca)) this.known = true;
    const { cert, key } = this.issued;
    const print = `${cert}${ca}`;
    if (print === this.shown) return;
    this.shown = print;
    this.options.changed({ cert, key, ca });
  }

  private async renew(): Promise<void> {
    if (this.isDue()) {
      this.issued = await this.obtain();
      this.known = false;
      this.options.log.info({ until: this.issued.parsed.validTo }, 'certificate signed');
    }
    this.check();
  }

  private isDue(): boolean {
    if (this.issued === undefined) return true;
    const { validFrom, validTo } = this.issued.parsed;
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    if (this.options.clock.now() >= from + (to - from) * RENEW_AT) return true;
    // A CA that was trusted and is not any more was replaced: nobody believes the certificate now.
    const ca = this.options.ca();
    return this.known && ca !== undefined && !isOf(this.issued.parsed, ca);
  }

  private async obtain(): Promise<Issued> {
    const { client, clock, node } = this.options;
    const { key, request } = newCertificateRequest();
    const created = await client.create<CertificateRequest>(certificateRequestPath(), {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { generateName: 'virt-agent-' },
      spec: {
        request: Buffer.from(request).toString('base64'),
        signerName: AGENT_SIGNER,
        usages: AGENT_CERTIFICATE_USAGES,
      },
    });
    const cert = await this.answer(created.metadata?.name ?? '', clock.now() + REQUEST_LIFE_MS);
    const parsed = new X509Certificate(cert);
    if (!parsed.checkPrivateKey(key)) throw new Error('the certificate that came is for another key');
    if (parsed.subjectAltName !== `URI:${nodeUri(node)}`)
      throw new Error(`the certificate that came is for ${parsed.subjectAltName ?? 'nobody'}, not for node ${node}`);
    return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString(), parsed };
  }

  private async answer(name: string, until: number): Promise<string> {
    const { client, clock } = this.options;
    const poll = new Backoff(clock, POLL_MS.first, POLL_MS.most);
    while (!this.work.signal.aborted && clock.now() < until) {
      await sleep(clock, poll.next(), this.work.signal);
      const { status } = await client.get<CertificateRequest>(certificateRequestPath(name));
      if (status?.certificate) return Buffer.from(status.certificate, 'base64').toString('utf8');
      const refused = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
      if (refused) throw new Error(`${name} was refused: ${refused.message ?? refused.reason ?? refused.type}`);
    }
    throw new Error(`virt-webhook did not answer ${name}`);
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whether one of these CAs signed a certificate. */
const isOf = (certificate: X509Certificate, ca: string): boolean =>
  (ca.match(PEM) ?? []).some((text) => {
    const authority = new X509Certificate(text);
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  });
