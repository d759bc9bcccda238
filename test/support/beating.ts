import { writeSync } from 'node:fs';
import { serveLiveness } from '../../src/kube/program/liveness/liveness.js';

/**
 * A program with a loop that a test can hold: prints the port of its liveness, then holds its loop for as many
 * milliseconds as each line of its input says. 50 ms from beat to beat, 20 looks of patience.
 */
const port = await serveLiveness({ listen: '127.0.0.1:0', log: console, beatMs: 50, patience: 20 });
process.stdin.on('data', (text) => {
  const until = Date.now() + Number(text.toString());
  writeSync(1, 'held\n');
  while (Date.now() < until);
  writeSync(1, 'free\n');
});
process.stdout.write(`${port}\n`);
