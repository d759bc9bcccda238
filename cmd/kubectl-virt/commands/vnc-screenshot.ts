import { screenshotCommand } from '../guest/screenshot-command.js';

export const command = screenshotCommand('vnc screenshot');
