import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { NodeCertificate } from '../../../../src/agent/node/node-certificate.js';
import type { CertificateRequest } from '../../../../src/agent-api/certificate-request.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import type { Certificate } from '../../../../src/webhook/certificates/certificate-plan.js';
import { issueAuthority, signRequest } from '../../../../src/webhook/certificates/certificates.js';
import { agentProfile } from '../../../../src/webhook/certificates/in-cluster-profile.js';
import { FakeClock } from '../../kube/fake-clock.js';

const HOUR = 3_600_000;

/** An API server and a webhook that signs when the test says so. */
class Fixture {
  readonly clock = new FakeClock();
  readonly requests = new Map<string, CertificateRequest>();
  readonly shown: SecureContextOptions[] = [];
  away = false;
  ca: string | undefined;
  readonly certificate = new NodeCertificate({
    client: {
      get: <T>(path: string) => Promise.resolve(this.requests.get(path.split('/').at(-1) ?? '') as T),
      create: <T>(_path: string, body: object) => {
        if (this.away) return Promise.reject(new ApiError({ code: 503, message: 'away' }));
        const name = `virt-agent-${this.requests.size}`;
        const request = { ...(body as CertificateRequest), metadata: { name } };
        this.requests.set(name, request);
        return Promise.resolve(request as T);
      },
    },
    node: 'a',
    ca: () => this.ca,
    clock: this.clock,
    log: silentLog,
    changed: (tls) => this.shown.push(tls),
  });

  /** Answers the newest request, for a node. */
  async sign(authority: Certificate, node = 'a'): Promise<void> {
    const [name, request] = [...this.requests].at(-1)!;
    const text = Buffer.from(request.spec.request, 'base64').toString();
    const cert = await signRequest(text, agentProfile(node), authority, this.clock.now());
    const answered = { ...request, status: { certificate: Buffer.from(cert).toString('base64') } };
    this.requests.set(name, answered);
  }
}

describe('the certificate of this node', function () {
  // Nothing waits for real time, but hours of it are a thousand looks.
  this.timeout(300_000);
  let authority: Certificate;
  let other: Certificate;
  before(async () => {
    const now = new FakeClock().now();
    [authority, other] = await Promise.all([issueAuthority(now), issueAuthority(now)]);
  });

  it('is asked for, waited for and used when the CA is known too', async () => {
    const test = new Fixture();
    test.certificate.start();
    await test.clock.advance(5_000);
    assert.match(test.certificate.notReady() ?? '', /has not signed/);
    await test.sign(authority);
    await test.clock.advance(5_000);
    assert.match(test.certificate.notReady() ?? '', /the CA .* is not known/);
    assert.equal(test.shown.length, 0);
    test.ca = authority.cert;
    test.certificate.check();
    assert.equal(test.certificate.notReady(), undefined);
    const [tls] = test.shown;
    assert.equal(tls?.ca, authority.cert);
    assert.ok(new X509Certificate(String(tls.cert)).subjectAltName?.endsWith(':a'));
    await test.certificate.stop();
  });

  it('is made again with another key after two thirds of its life; until then it serves, however long nobody signs', async () => {
    const test = new Fixture();
    test.ca = authority.cert;
    test.certificate.start();
    await test.clock.advance(0);
    await test.sign(authority);
    await test.clock.advance(15 * HOUR);
    assert.equal(test.requests.size, 1);
    test.away = true;
    await test.clock.advance(2 * HOUR);
    assert.equal(test.shown.length, 1);
    assert.equal(test.certificate.notReady(), undefined);
    test.away = false;
    await test.clock.advance(300_000);
    await test.sign(authority);
    await test.clock.advance(70_000);
    assert.equal(test.shown.length, 2);
    assert.notEqual(test.shown[0]?.key, test.shown[1]?.key);
    await test.certificate.stop();
  });

  it('is made again when its CA is not trusted any more, and not while a new one is on its way', async () => {
    const test = new Fixture();
    test.ca = other.cert;
    test.certificate.start();
    await test.clock.advance(0);
    // Signed by a CA of which this node has not heard yet.
    await test.sign(authority);
    await test.clock.advance(HOUR);
    assert.equal(test.requests.size, 1);
    test.ca = `${authority.cert}${other.cert}`;
    await test.clock.advance(HOUR);
    assert.equal(test.requests.size, 1);
    assert.equal(test.shown.at(-1)?.ca, test.ca);
    test.ca = other.cert;
    await test.clock.advance(70_000);
    assert.equal(test.requests.size, 2);
    await test.certificate.stop();
  });

  it('is not one for another node or another key, nor one that was denied; then it is asked for again, ever later', async () => {
    const test = new Fixture();
    test.ca = authority.cert;
    test.certificate.start();
    await test.clock.advance(0);
    await test.sign(authority, 'b');
    await test.clock.advance(2 * HOUR);
    assert.ok(test.requests.size > 5 && test.requests.size < 60, `${test.requests.size}`);
    const [name, request] = [...test.requests].at(-1)!;
    test.requests.set(name, { ...request, status: { conditions: [{ type: 'Denied', message: 'no' }] } });
    await test.clock.advance(HOUR);
    assert.equal(test.shown.length, 0);
    await test.certificate.stop();
  });
});
