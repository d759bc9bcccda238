/** What needs no cluster. One entry, so that the build makes one chunk of it (scripts/build.mjs). */
export { lint } from './lint.js';
export { render } from './render.js';
export { run } from './run.js';
