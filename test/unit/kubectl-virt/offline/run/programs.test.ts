import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { requireFirmware, requirePrograms } from '../../../../../cmd/kubectl-virt/offline/run/programs.js';
import { CliError } from '../../../../../cmd/kubectl-virt/errors.js';

const failure = (run: () => void): [string, string | undefined] => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof CliError);
    return [error.message, error.remedy];
  }
  return ['', undefined];
};

describe('what a local run needs of the machine', () => {
  it('is named, with the packages that bring it', () => {
    const [message, remedy] = failure(() => requirePrograms(['sh', 'no-such-program', 'no-other']));
    assert.equal(message, 'this machine has no no-such-program, no-other');
    assert.match(remedy ?? '', /install .* no-such-program no-other$/);
  });

  it('is firmware where the VM boots by UEFI', () => {
    assert.deepEqual(
      failure(() => requireFirmware([fileURLToPath(import.meta.url)])),
      ['', undefined],
    );
    assert.deepEqual(
      failure(() => requireFirmware([])),
      ['', undefined],
    );
    const [message, remedy] = failure(() => requireFirmware(['/nowhere/OVMF_CODE.fd']));
    assert.match(message, /firmware\.bootloader\.efi: \/nowhere\/OVMF_CODE\.fd$/);
    assert.match(remedy ?? '', /ovmf$/);
  });
});
