import assert from 'node:assert/strict';
import { BodyError } from '../../../../src/webhook/admission/body.js';
import { decodeNodeReport, nodeReportRefusal } from '../../../../src/webhook/admission/node-reports.js';
import { ReviewError } from '../../../../src/webhook/admission/review.js';

const AGENT = 'system:serviceaccount:kubevirt:virt-agent';
const review = (request: object, kind: object = { group: 'kubevirt.io', version: 'v1', kind: 'VirtNode' }) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'u', kind, ...request },
});
const settings = {
  installNamespace: 'kubevirt',
  nodeOfPod: ({ name, uid }: { name: string; uid: string }) => (name === 'pod-a' && uid === '1' ? 'a' : undefined),
};
const refusal = (username: string, extra: object, name = 'a') =>
  nodeReportRefusal(
    decodeNodeReport(review({ userInfo: { username, extra }, object: { metadata: { name } } })),
    settings,
  );
const pod = (name: string, uid: string) => ({
  'authentication.kubernetes.io/pod-name': [name],
  'authentication.kubernetes.io/pod-uid': [uid],
});

describe('a node report', () => {
  it('is written by the agent of that node, as its token says: by node, or by pod', () => {
    assert.equal(refusal(AGENT, { 'authentication.kubernetes.io/node-name': ['a'] }), undefined);
    assert.equal(refusal(AGENT, pod('pod-a', '1')), undefined);
  });
  it('is not written by the agent of another, or of none that is known', () => {
    assert.match(refusal(AGENT, { 'authentication.kubernetes.io/node-name': ['b'] }) ?? '', /of node "b" writes/);
    assert.match(refusal(AGENT, pod('pod-a', '1'), 'b') ?? '', /not "b"/);
    for (const extra of [{}, pod('pod-a', '2'), pod('pod-b', '1'), { 'authentication.kubernetes.io/pod-uid': ['1'] }])
      assert.match(refusal(AGENT, extra) ?? '', /not bound to a pod/);
    assert.match(refusal(AGENT, { 'authentication.kubernetes.io/node-name': ['a'] }, '') ?? '', /not ""/);
  });
  it('of anybody else is the API server’s to grant', () => {
    assert.equal(refusal('admin', {}), undefined);
    assert.equal(refusal('system:serviceaccount:shop:virt-agent', {}), undefined);
  });
  it('takes the name of the object, or of the request where the object has none', () => {
    const decoded = decodeNodeReport(review({ name: 'a', object: {} }));
    assert.deepEqual(decoded, { uid: 'u', name: 'a', username: '', extra: {} });
    const both = decodeNodeReport(review({ name: 'a', object: { metadata: { name: 'b' } } }));
    assert.equal(both.name, 'b');
  });
  it('is nothing else', () => {
    assert.throws(() => decodeNodeReport({}), BodyError);
    for (const kind of [
      { group: 'kubevirt.io', kind: 'VirtualMachine' },
      { group: '', kind: 'VirtNode' },
    ])
      assert.throws(() => decodeNodeReport(review({}, kind)), ReviewError);
  });
});
