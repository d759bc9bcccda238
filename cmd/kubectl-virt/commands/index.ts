// Made by `npm run generate` from the files beside it. Do not edit.
import type { Command } from '../command.js';
import { command as completion } from './completion.js';
import { command as console } from './console.js';
import { command as createInstancetype } from './create-instancetype.js';
import { command as createPreference } from './create-preference.js';
import { command as createVm } from './create-vm.js';
import { command as credentialsAddSshKey } from './credentials-add-ssh-key.js';
import { command as credentialsRemoveSshKey } from './credentials-remove-ssh-key.js';
import { command as credentialsSetPassword } from './credentials-set-password.js';
import { command as doctor } from './doctor.js';
import { command as evacuateCancel } from './evacuate-cancel.js';
import { command as exec } from './exec.js';
import { command as expand } from './expand.js';
import { command as explain } from './explain.js';
import { command as explainAdmission } from './explain-admission.js';
import { command as expose } from './expose.js';
import { command as freeze } from './freeze.js';
import { command as fslist } from './fslist.js';
import { command as guestosinfo } from './guestosinfo.js';
import { command as help } from './help.js';
import { command as lint } from './lint.js';
import { command as list } from './list.js';
import { command as logs } from './logs.js';
import { command as options } from './options.js';
import { command as pause } from './pause.js';
import { command as pending } from './pending.js';
import { command as permittedDevices } from './permitted-devices.js';
import { command as policyExceptions } from './policy-exceptions.js';
import { command as policyExplain } from './policy-explain.js';
import { command as policyLint } from './policy-lint.js';
import { command as policyPause } from './policy-pause.js';
import { command as policyResume } from './policy-resume.js';
import { command as policyTest } from './policy-test.js';
import { command as portForward } from './port-forward.js';
import { command as preflight } from './preflight.js';
import { command as render } from './render.js';
import { command as reset } from './reset.js';
import { command as restart } from './restart.js';
import { command as run } from './run.js';
import { command as scp } from './scp.js';
import { command as screenshot } from './screenshot.js';
import { command as softReboot } from './soft-reboot.js';
import { command as ssh } from './ssh.js';
import { command as start } from './start.js';
import { command as stop } from './stop.js';
import { command as top } from './top.js';
import { command as ui } from './ui.js';
import { command as unfreeze } from './unfreeze.js';
import { command as unpause } from './unpause.js';
import { command as userlist } from './userlist.js';
import { command as version } from './version.js';
import { command as vnc } from './vnc.js';
import { command as vncScreenshot } from './vnc-screenshot.js';

/** Every command of the plugin. */
export const COMMANDS: readonly Command[] = [
  completion,
  console,
  createInstancetype,
  createPreference,
  createVm,
  credentialsAddSshKey,
  credentialsRemoveSshKey,
  credentialsSetPassword,
  doctor,
  evacuateCancel,
  exec,
  expand,
  explain,
  explainAdmission,
  expose,
  freeze,
  fslist,
  guestosinfo,
  help,
  lint,
  list,
  logs,
  options,
  pause,
  pending,
  permittedDevices,
  policyExceptions,
  policyExplain,
  policyLint,
  policyPause,
  policyResume,
  policyTest,
  portForward,
  preflight,
  render,
  reset,
  restart,
  run,
  scp,
  screenshot,
  softReboot,
  ssh,
  start,
  stop,
  top,
  ui,
  unfreeze,
  unpause,
  userlist,
  version,
  vnc,
  vncScreenshot,
];
