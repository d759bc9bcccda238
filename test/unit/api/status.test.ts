import assert from 'node:assert/strict';
import {
  codeOf,
  failureStatus,
  isStatusReason,
  reasonOf,
  STATUS_REASONS,
  type StatusReason,
} from '../../../src/api/status.js';
import { StatusError } from '../../../src/agent-api/status-error.js';

describe('reasons and codes of a Status', () => {
  it('are one table, both ways', () => {
    for (const reason of Object.keys(STATUS_REASONS) as StatusReason[]) {
      assert.ok(isStatusReason(reason));
      const back = reasonOf(codeOf(reason));
      assert.equal(back === undefined ? back : codeOf(back), codeOf(reason), reason);
    }
    assert.deepEqual([reasonOf(404), reasonOf(409), reasonOf(418)], ['NotFound', 'Conflict', undefined]);
    assert.ok(!isStatusReason('toString') && !isStatusReason(404));
  });

  it('make the Status that clients expect, and an error that has it', () => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      message: 'web is paused',
      reason: 'Conflict',
      code: 409,
    };
    assert.deepEqual(failureStatus('Conflict', 'web is paused'), status);
    const details = { name: 'web' };
    assert.deepEqual(new StatusError('Conflict', 'web is paused', details).toStatus(), { ...status, details });
  });
});
