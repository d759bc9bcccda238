import assert from 'node:assert/strict';
import { programLog } from '../../../../src/kube/program/program-log.js';

describe('the log of a program', () => {
  const logged = (write: (log: ReturnType<typeof programLog>) => void): Record<string, unknown>[] => {
    const lines: string[] = [];
    write(programLog('virt-agent', 'info', { fields: { node: 'n1' }, write: (line) => lines.push(line) }));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it('says level in words, time, program and where it runs', () => {
    const [line, ...others] = logged((log) => {
      log.debug({}, 'not shown at this level');
      log.warn({ uid: 'u' }, 'hello');
    });
    assert.equal(others.length, 0);
    assert.match(String(line?.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(
      { ...line, time: '' },
      {
        level: 'warn',
        time: '',
        program: 'virt-agent',
        node: 'n1',
        uid: 'u',
        msg: 'hello',
      },
    );
  });

  it('has an error as its text with the remedy, and its stack', () => {
    const error = Object.assign(new Error('no such socket'), { remedy: 'start libvirtd' });
    const lines = logged((log) => log.error({ error }, 'failed'));
    assert.deepEqual(
      lines.map((line) => [line.level, line.error]),
      [['error', 'no such socket. start libvirtd']],
    );
    assert.match(String(lines.at(0)?.stack), /program-log\.test/);
  });

  it('shows what a terminal would act on', () => {
    const lines: string[] = [];
    programLog('x', 'info', { write: (line) => lines.push(line) }).info({ name: 'a\u009b31m\u202eb' }, 'hi');
    assert.doesNotMatch(lines.join(''), /[\u0080-\u009f\u202e]/);
  });
});
