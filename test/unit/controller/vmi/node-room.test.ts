import assert from 'node:assert/strict';
import { readableBytes } from '../../../../src/controller/vmi/amounts.js';
import { NodeRoom } from '../../../../src/controller/vmi/node-room.js';
import type { KubernetesList, Node, Pod } from '../../../../src/kube/types.js';
import { FakeClock } from '../../kube/fake-clock.js';

const node = (name: string, memory: string, cpu: string, unschedulable = false): Node => ({
  metadata: { name },
  spec: { unschedulable },
  status: { allocatable: { memory, cpu } },
});
const podOn = (nodeName: string, memory: string, cpu: string): Pod => ({
  spec: { nodeName, containers: [{ name: 'c', resources: { requests: { memory, cpu } } }] },
});

const room = (nodes: Node[], pages: Pod[][]) => {
  const clock = new FakeClock();
  let asked = 0;
  const list = (_path: string, { query }: { query: { continue?: string } }): Promise<KubernetesList<Pod>> => {
    asked += 1;
    const page = Number(query.continue ?? 0);
    const metadata = page + 1 < pages.length ? { continue: String(page + 1) } : {};
    return Promise.resolve({ items: pages[page] ?? [], metadata } as KubernetesList<Pod>);
  };
  const subject = new NodeRoom({ client: { list } as never, nodes: { list: () => nodes }, clock });
  return { subject, clock, asked: () => asked };
};

describe('how much the nodes have free', () => {
  it('is what their pods leave, of the best node, over all pages, asked once a minute', async () => {
    const nodes = [node('a', '4Gi', '2'), node('b', '8Gi', '4'), node('cordoned', '64Gi', '64', true)];
    const pods = [
      [podOn('a', '1Gi', '500m'), podOn('b', '7Gi', '1')],
      [podOn('b', '512Mi', '2700m'), podOn('', '9Gi', '9')],
    ];
    const { subject, clock, asked } = room(nodes, pods);
    const text = 'the most that one node has free is 3Gi of memory, and 1500m CPU';
    assert.deepEqual(await Promise.all([subject.describe(), subject.describe()]), [text, text]);
    assert.equal(asked(), 2);
    await clock.advance(61_000);
    await subject.describe();
    assert.equal(asked(), 4);
  });

  it('is left out where it cannot be found out, or would take long', async () => {
    assert.equal(await room([], [[]]).subject.describe(), undefined);
    const many = room(
      [node('a', '1Gi', '1')],
      Array.from({ length: 50 }, () => []),
    );
    assert.equal(await many.subject.describe(), undefined);
    assert.equal(many.asked(), 20);
  });

  it('is written as people write it', () => {
    const cases: [bigint, 'up' | 'down', string][] = [
      [0n, 'down', '0'],
      [1023n, 'up', '1023'],
      [773800512n, 'up', '738Mi'],
      [773800512n, 'down', '737Mi'],
      [1n << 30n, 'up', '1Gi'],
      [(3n << 30n) / 2n, 'down', '1.5Gi'],
      [(1n << 30n) + 1n, 'up', '1.1Gi'],
    ];
    for (const [bytes, rounded, text] of cases) assert.equal(readableBytes(bytes, rounded), text);
  });
});
