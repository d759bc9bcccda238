import assert from 'node:assert/strict';
import { BodyError } from '../../../../src/webhook/admission/body.js';
import { decodeEviction } from '../../../../src/webhook/eviction/review.js';
import { ReviewError } from '../../../../src/webhook/admission/review.js';

/** As Kubernetes 1.20 sends it. */
const evictionReview = (object: unknown, more: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    kind: { group: 'policy', version: 'v1beta1', kind: 'Eviction' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource: 'eviction',
    name: 'web-1',
    namespace: 'ns',
    operation: 'CREATE',
    object,
    ...more,
  },
});

describe('a review of an eviction', () => {
  it('names the pod, who signed it and whether it is a dry run', () => {
    const metadata = { name: 'web-1', annotations: { 'requested-by': 'sigs.k8s.io/descheduler' } };
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata, deleteOptions: { dryRun: ['All'] } };
    assert.deepEqual(decodeEviction(evictionReview(eviction, { dryRun: true })), {
      uid: 'u',
      namespace: 'ns',
      name: 'web-1',
      dryRun: true,
      eviction: { dryRun: true, requestedBy: 'sigs.k8s.io/descheduler' },
    });
  });

  it('needs no more than the pod, and takes its name from the object where the request has none', () => {
    const decoded = decodeEviction(evictionReview({ metadata: { name: 'web-2' } }, { name: undefined }));
    assert.equal(decoded.name, 'web-2');
    assert.deepEqual(decoded.eviction, { dryRun: false, requestedBy: undefined });
    assert.equal(decoded.dryRun, false);
  });

  it('may hold what is no Eviction: that is for the decision', () => {
    const unreadable = [
      undefined,
      null,
      7,
      [],
      { metadata: [] },
      { deleteOptions: 'All' },
      { metadata: { annotations: 1 } },
    ];
    for (const object of unreadable) assert.equal(decodeEviction(evictionReview(object)).eviction, undefined);
    assert.equal(decodeEviction(evictionReview({ deleteOptions: { dryRun: 'All' } })).eviction?.dryRun, false);
  });

  it('of something else is a wrong configuration, and what is no review has no uid', () => {
    const pods = { resource: { group: '', version: 'v1', resource: 'pods' } };
    for (const more of [
      { subResource: '' },
      { resource: { resource: 'nodes' } },
      { ...pods, subResource: 'binding' },
    ]) {
      assert.throws(() => decodeEviction(evictionReview({}, more)), ReviewError);
    }
    for (const body of [null, 1, [], {}]) assert.throws(() => decodeEviction(body), BodyError);
  });
});
