import './strict-styles.js';
import '@xterm/xterm/css/xterm.css';
import './page.css';
import { start } from './app.js';
import { connect } from './live.js';
import { loadMeanings } from './words.js';

const element = document.getElementById('page');
if (element !== null) start(element);
connect();
void loadMeanings();
