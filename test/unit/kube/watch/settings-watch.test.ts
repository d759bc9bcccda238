import assert from 'node:assert/strict';
import type { KubeVirt } from '../../../../src/api/schema/kinds.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { settingsObject } from '../../../../src/api/settings/settings-object.js';
import { SettingsWatch } from '../../../../src/kube/watch/settings-watch.js';
import { FakeClock, settle } from '../fake-clock.js';
import { FakeWatchClient } from '../fake-watch.js';

const object = (name: string): KubeVirt => ({ metadata: { name }, spec: {} });

describe('the settings in force', () => {
  it('are of the one object there is, whatever its name', () => {
    const none: KubeVirt[] = [];
    assert.equal(settingsObject(none), undefined);
    assert.equal(settingsObject([object('any')])?.metadata?.name, 'any');
  });

  it('are of the first in the alphabet where there are several, whatever their order', () => {
    const [a, b, c] = [object('a'), object('b'), object('kubevirt')];
    for (const objects of [
      [a, b, c],
      [c, b, a],
      [b, a, c],
    ]) {
      assert.equal(settingsObject(objects), a);
    }
  });

  it('follow the object, and whoever listens finds the new ones', async () => {
    const fake = new FakeWatchClient();
    const versioned = (name: string, resourceVersion: string, useEmulation: boolean): KubeVirt => ({
      metadata: { name, namespace: 'kubevirt', uid: name, resourceVersion },
      spec: { configuration: { developerConfiguration: { useEmulation } } },
    });
    fake.answers = [{ metadata: { resourceVersion: '1' }, items: [versioned('other', '1', true)] }];
    const settings = new SettingsWatch(fake.client, {
      namespace: 'kubevirt',
      architecture: 'arm64',
      log: silentLog,
      clock: new FakeClock(),
    });
    const seen: [string | undefined, boolean][] = [];
    settings.onChange(() => seen.push([settings.objectName, settings.current.useEmulation]));
    assert.deepEqual([settings.current.defaultArchitecture, settings.objectName], ['arm64', undefined]);
    settings.start();
    await settings.synced;
    fake.send('ADDED', versioned('first', '2', false));
    await settle();
    fake.send('DELETED', versioned('first', '3', false));
    await settle();
    fake.send('DELETED', versioned('other', '4', true));
    await settle();
    await settings.stop();
    assert.deepEqual(seen, [
      ['other', true],
      ['first', false],
      ['other', true],
      [undefined, false],
    ]);
    assert.equal(settings.current.defaultArchitecture, 'arm64');
  });
});
