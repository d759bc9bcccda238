import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTimeZone, timeZones } from '../../../src/api/time-zones.js';

describe('time zones', () => {
  it('are zones that Node knows too', () => {
    assert.equal(timeZones().size, 597);
    for (const name of timeZones()) {
      assert.doesNotThrow(() => new Intl.DateTimeFormat('en', { timeZone: name }), name);
    }
  });
  it('are found by their exact names', () => {
    for (const name of ['UTC', 'Europe/Kyiv', 'Asia/Calcutta', 'America/North_Dakota/New_Salem', 'Etc/GMT+5', 'W-SU']) {
      assert.ok(isTimeZone(name), name);
    }
    for (const name of ['utc', 'Europe/', 'Europe', 'Berlin', 'Europe/Berlin ', '/etc/localtime', '', 'constructor']) {
      assert.ok(!isTimeZone(name), name);
    }
  });
  it('may be written as a rule of POSIX', () => {
    for (const rule of [
      'CET-1',
      'EST5EDT',
      '<+0330>-3:30',
      'CET-1CEST,M3.5.0,M10.5.0/3',
      'NZST-12NZDT-13,J60/2,300/2:30:00',
    ]) {
      assert.ok(isTimeZone(rule), rule);
    }
    for (const rule of [
      'CEST',
      '+2',
      'CET-1,',
      'CET-1CEST,M3.5.0',
      'C-1',
      'CET-1CEST,M3.5.0,M10.6.0',
      `CET-1${'A'.repeat(200)}`,
    ]) {
      assert.ok(!isTimeZone(rule), rule);
    }
  });
  it('are never anything that names a file elsewhere', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.ok(!isTimeZone(`../${text}`) && !isTimeZone(`/${text}`))));
  });
});
