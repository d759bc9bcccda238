/** What needs no cluster. One entry, so that the build makes one chunk of it (scripts/build.mjs). */
export { explain } from './explain.js';
export { explainAdmission } from './explain-admission.js';
export { explainedIds } from './explained-ids.js';
export { lint } from './lint.js';
export { render } from './render.js';
export { run } from './run.js';
